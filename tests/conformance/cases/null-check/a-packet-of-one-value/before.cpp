void Herald::TellDone(uint32 id)
{
    Quest const* quest = sObjectMgr->GetQuestTemplate(id);
    WorldPacket data(SMSG_QUEST_DONE, 4);
    data << uint32(quest->GetQuestId());
    SendDirectMessage(&data);
}
