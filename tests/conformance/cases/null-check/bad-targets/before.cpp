class spell_x : public SpellScript
{
    SpellCastResult CheckCast()
    {
        Unit* target = GetExplTargetUnit();
        if (!GetCaster()->IsInCombat())
            return SPELL_FAILED_TARGET_NOT_IN_COMBAT;
        if (target->GetHealth() < 100)
            return SPELL_FAILED_BAD_TARGETS;
        return SPELL_CAST_OK;
    }
};
