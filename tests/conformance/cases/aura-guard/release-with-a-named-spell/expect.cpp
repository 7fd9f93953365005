enum DeathSpells
{
    SPELL_PALE_SHAPE = 8326,
    SPELL_WISP_SHAPE = 20584
};

bool SpiritAction::Execute(Event event)
{
    if (!m_bot->isDead())
    {
        return false;
    }

    if (!m_bot->HasAura(SPELL_PALE_SHAPE))
    {
        m_bot->BuildPlayerRepop();
    }
    return true;
}
