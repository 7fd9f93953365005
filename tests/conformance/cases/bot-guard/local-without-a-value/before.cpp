int32 SpellHelper::Points(Player* caster, Spell* spell)
{
    int32 points;
    caster->ApplySpellMod(spell->GetId(), SPELLMOD_DAMAGE, points = spell->GetDamage());
    if (caster->IsBot())
        points /= 2;
    return points;
}
