void A::Run(Player* bot)
{
    bot->CastSpell(bot, Spells::GhostVisual, true);
}
