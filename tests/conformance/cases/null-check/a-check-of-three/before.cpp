bool Quests::CanTake(Player* player, uint32 questId)
{
    Quest const* quest = m_store.Find(questId);
    if (quest->GetMinLevel() > m_level)
        return false;

    return true;
}
