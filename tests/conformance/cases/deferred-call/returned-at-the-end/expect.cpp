void Herder::Free(Player* sheep)
{
    if (sheep->IsAlive())
        return;

    sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]()
    {
        Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
        if (!sheep || !sheep->IsInWorld() || sheep->IsAlive())
            return;

        sheep->BuildPlayerRepop();
    }, 100ms);
}
