void A::Run(Player* bot)
{
#if 0
    if (bot->HasAura(SPELL_GHOST))
        return;
#endif
    bot->CastSpell(bot, SPELL_GHOST, true);
}
