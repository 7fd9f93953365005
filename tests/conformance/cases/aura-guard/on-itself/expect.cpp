void Ghost::Turn()
{
    SetHealth(1);
    if (!HasAura(8326))
        CastSpell(this, 8326, true);
}
