void Revive::Rest(Player& bot)
{
    bot.SetDeathState(DeathState::Corpse);
    if (!bot.HasAura(8326))
        bot.BuildPlayerRepop();
    bot.GetMotionMaster()->Clear();
}
