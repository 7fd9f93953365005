void A::Run()
{
    for (Player* each : m_dead)
        each->m_Events.AddEventAtOffset([guid = each->GetGUID()]()
        {
            Player* each = ObjectAccessor::FindConnectedPlayer(guid);
            if (!each || !each->IsInWorld() || each->IsAlive())
                return;

            each->BuildPlayerRepop();
        }, 100ms);
}
