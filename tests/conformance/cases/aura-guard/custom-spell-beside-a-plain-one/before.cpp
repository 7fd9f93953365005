void TankAction::Harden(Player* bot)
{
    int32 points = CalculatePoints(bot);
    if (points <= 0)
        return;

    bot->CastCustomSpell(bot, SPELL_STONE_SKIN, &points, nullptr, nullptr, true);
    bot->CastSpell(bot, SPELL_GUARD_STANCE, true);
}
