// Änderung
PB_API void Herder::Settle(Player* sheep)
{
    TRACE("settle");
    sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]()
    {
        Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
        if (!sheep || !sheep->IsInWorld())
            return;

        sheep->RepopAtGraveyard();
    }, 100ms); // zurück
}
