void A::Run(Player* bot)
{
    constexpr uint32 spellId = 8326;
    bot->CastSpell(bot, spellId, true);
}
