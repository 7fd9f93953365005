void Herder::Settle(Player* sheep)
{
    sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]()
    {
        if (Player* found = ObjectAccessor::FindConnectedPlayer(guid))
            found->BuildPlayerRepop();
    }, 100ms);
}
