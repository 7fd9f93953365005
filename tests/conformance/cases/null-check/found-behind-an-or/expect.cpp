uint32 DropQuest::Find(std::string const& link, uint32 entry)
{
    for (uint8 slot = 0; slot < MAX_QUEST_LOG_SIZE; ++slot)
    {
        uint32 logQuest = bot->GetQuestSlotQuestId(slot);
        Quest const* quest = sObjectMgr.GetQuestTemplate(logQuest);
        if (logQuest == entry || (quest && link.find(quest->GetTitle()) != std::string::npos))
        {
            bot->SetQuestSlot(slot, 0);
            return logQuest;
        }
    }
    return 0;
}
