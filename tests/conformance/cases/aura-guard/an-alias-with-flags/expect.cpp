bool BuffAction::Execute(Event /*event*/)
{
    Unit* friendly = AI_VALUE(Unit*, "party member to buff");
    if (!friendly)
        return false;

    Unit* target = friendly;
    TriggerCastFlags const flags = TriggerCastFlags(TRIGGERED_IGNORE_GCD | TRIGGERED_IGNORE_POWER_AND_REAGENT_COST);
    if (!target->HasAura(SPELL_MIGHT))
        bot->CastSpell(target, SPELL_MIGHT, flags);
    return true;
}
