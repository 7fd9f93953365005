void Herder::Free(Player* sheep)
{
    if (!sheep->IsAlive())
    {
        sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]()
        {
            Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
            if (!sheep || !sheep->IsInWorld() || sheep->IsAlive())
                return;

            sheep->BuildPlayerRepop();
        }, 100ms);
        return;
    }

    m_herd.push_back(m_next++);
}
