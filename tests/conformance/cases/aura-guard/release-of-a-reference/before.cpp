void Revive::Rest(Player& bot)
{
    bot.SetDeathState(DeathState::Corpse);
    bot.BuildPlayerRepop();
    bot.GetMotionMaster()->Clear();
}
