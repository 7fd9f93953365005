void Loot::Notify()
{
    auto it = m_looters.begin();
    while (it != m_looters.end())
    {
        auto next = std::next(it);
        Player* looter = *it;
        WorldSession* session = looter->GetSession();
        session->SendNotifyLootItemRemoved(m_slot);
        it = next;
    }
}
