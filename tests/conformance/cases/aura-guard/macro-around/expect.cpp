PB_EXPORT void Herd::Mourn(Player* sheep)
{
    TRACE_SCOPE(mourn);
    if (!sheep->HasAura(8326))
        sheep->BuildPlayerRepop();
}
