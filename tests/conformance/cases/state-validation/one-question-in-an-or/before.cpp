void BotAI::Drink(Player* bot, bool force)
{
    if (bot->IsInWorld() || force)
        bot->CastSpell(bot, SPELL_DRINK, true);
}
