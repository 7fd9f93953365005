TradeResult BotTrade::Begin(Player* bot)
{
    bot->CastSpell(bot, SPELL_BOW, true);
    return TRADE_OK;
}
