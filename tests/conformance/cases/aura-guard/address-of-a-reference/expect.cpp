void Totem::Pulse(Unit& ally)
{
    if (ally.IsAlive())
    {
        m_last = ally.GetGUID();
        if (!ally.HasAura(SPELL_TOTEM_PULSE))
            m_owner->CastSpell(&ally, SPELL_TOTEM_PULSE, CastSpellExtraArgs(TRIGGERED_FULL_MASK));
    }
}
