void Totem::Pulse(Unit* owner, CastSpellExtraArgs const& how)
{
    for (Unit* ally : m_allies)
    {
        owner->CastSpell(ally, SPELL_TOTEM_PULSE, how);
    }
}
