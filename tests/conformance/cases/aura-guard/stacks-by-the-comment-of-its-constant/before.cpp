enum Spells
{
    SPELL_MUTATED_PLAGUE = 72451, // stacks to 99, each hit adds a stack
};

class spell_boss_plague : public SpellScript
{
    PrepareSpellScript(spell_boss_plague);

    void HandleHit(SpellEffIndex /*effIndex*/)
    {
        Unit* target = GetHitUnit();
        Unit* caster = GetCaster();
        if (!target || !caster)
            return;

        caster->CastSpell(target, SPELL_MUTATED_PLAGUE, true);
        if (Aura* plague = target->GetAura(SPELL_MUTATED_PLAGUE))
            plague->SetDuration(60 * IN_MILLISECONDS);
    }

    void Register() override
    {
        OnEffectHitTarget += SpellEffectFn(spell_boss_plague::HandleHit, EFFECT_0, SPELL_EFFECT_DUMMY);
    }
};
