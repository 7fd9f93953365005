bool Quests::CanShare(Player* player, bool checkRace)
{
    Quest const* quest = m_store.Find(m_current);
    if (quest->HasFlag(QUEST_FLAGS_RACE))
    {
        if (!FitsRace(player))
            return false;
    }
    return true;
}
