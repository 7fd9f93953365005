void Shepherd::Mourn(Player* sheep, bool isDead)
{
    if ((isDead || sheep->IsGone()) && !sheep->HasAura(8326))
        sheep->BuildPlayerRepop();
}
