void Shepherd::Mourn(Player* sheep, bool isDead)
{
    if (isDead || sheep->IsGone())
        sheep->BuildPlayerRepop();
}
