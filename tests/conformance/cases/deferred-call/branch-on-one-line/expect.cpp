void Herder::Count(Player* sheep)
{
    ++m_count;
    if (!sheep->IsAlive())
        sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]()
        {
            Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
            if (!sheep || !sheep->IsInWorld() || sheep->IsAlive())
                return;

            sheep->BuildPlayerRepop();
        }, 100ms);
    m_last = m_count;
}
