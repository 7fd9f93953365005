void Herd::Mourn(Player* sheep)
{
    if (!sheep->HasAura(8326))
        sheep->BuildPlayerRepop();
}
