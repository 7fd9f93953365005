void A::Run(Player* bot)
{
    if (!bot->HasAura(Spells::GhostVisual))
        bot->CastSpell(bot, Spells::GhostVisual, true);
}
