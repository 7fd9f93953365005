PB_EXPORT void Herd::Mourn(Player* sheep)
{
    TRACE_SCOPE(mourn);
    sheep->BuildPlayerRepop();
}
