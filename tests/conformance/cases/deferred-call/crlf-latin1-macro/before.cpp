// Änderung
PB_API void Herder::Settle(Player* sheep)
{
    TRACE("settle");
    sheep->RepopAtGraveyard(); // zurück
}
