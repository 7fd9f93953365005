void Herald::HandleAsked(WorldPacket& recv)
{
    uint32 id;
    recv >> id;
    Quest const* quest = sObjectMgr->GetQuestTemplate(id);
    WorldPacket data(SMSG_QUEST_QUERY_RESPONSE, 4);
    data << uint32(quest->GetLevel());
    SendPacket(&data);
}
