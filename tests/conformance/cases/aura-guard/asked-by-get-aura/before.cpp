void A::Run(Player* bot)
{
    if (bot->GetAura(SPELL_GHOST))
        return;
    bot->CastSpell(bot, SPELL_GHOST, true);
}
