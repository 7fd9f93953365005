void A::Run(Player* bot)
{
    constexpr uint32 spellId = 8326;
    if (!bot->HasAura(spellId))
        bot->CastSpell(bot, spellId, true);
}
