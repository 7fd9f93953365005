void DeathHandler::Later(Player* ghost)
{
    m_bots.Visit([ghost]()
    {
        LOG("ghost");
        ghost->m_Events.AddEventAtOffset([guid = ghost->GetGUID()]()
        {
            Player* ghost = ObjectAccessor::FindConnectedPlayer(guid);
            if (!ghost || !ghost->IsInWorld() || ghost->IsAlive())
                return;

            ghost->BuildPlayerRepop();
        }, 100ms);
    });
}
