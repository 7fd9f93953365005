bool FearWardTrigger::IsActive()
{
    Unit* boss = AI_VALUE2(Unit*, "find target", "nightbane");
    if (boss && boss->IsInCombat() && bot->GetDistance(boss) < 40.0f)
        return !bot->HasAura(SPELL_FEAR_WARD);

    return false;
}
