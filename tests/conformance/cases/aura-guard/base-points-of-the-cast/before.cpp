void TankAction::Harden(Player* bot, int32 points)
{
    CastSpellExtraArgs args(TRIGGERED_FULL_MASK);
    args.AddSpellMod(SPELLVALUE_BASE_POINT0, points);

    bot->CastSpell(bot, SPELL_STONE_SKIN, args);
    m_points = points;
}
