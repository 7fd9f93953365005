void Ghost::Turn()
{
    SetHealth(1);
    CastSpell(this, 8326, true);
}
