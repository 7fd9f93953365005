void Arena::Leave(ObjectGuid guid)
{
    auto itr = m_fighters.find(guid);
    if (itr != m_fighters.end())
        m_fighters.erase(itr);

    Player* fighter = ObjectAccessor::FindPlayer(guid);
    fighter->RemoveAurasByType(SPELL_AURA_MOUNTED);
    fighter->ClearReports();
    OnLeft(fighter, guid);
}
