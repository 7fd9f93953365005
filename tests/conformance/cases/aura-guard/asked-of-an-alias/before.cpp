void BuffAction::Run(Player* bot, Unit* friendly)
{
    Unit* target = friendly;
    if (friendly->HasAura(SPELL_MIGHT))
        return;

    bot->CastSpell(target, SPELL_MIGHT, true);
}
