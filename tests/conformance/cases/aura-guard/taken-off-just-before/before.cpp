void D::Release(Player* bot)
{
    bot->RemoveAurasDueToSpell(8326);
    bot->BuildPlayerRepop();
}
