void BotAI::Drink(Player* bot)
{
    bool const isThere = bot->IsInWorld();
    if (isThere)
        bot->CastSpell(bot, SPELL_DRINK, true);
}
