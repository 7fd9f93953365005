void SunderAction::Strike(Player* bot, Unit* victim)
{
    Aura* sunder = victim->GetAura(SPELL_SUNDER_ARMOR);
    if (sunder && sunder->GetStackAmount() >= 5)
        return;

    bot->CastSpell(victim, SPELL_SUNDER_ARMOR, true);
}
