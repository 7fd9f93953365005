void Spell::prepare()
{
    player->SetSpellModTakingSpell(this, true);
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (m_Spell->IsDeletable())
    {
        delete m_Spell;
    }
    else
        LOG_ERROR("spells", "{} can't go", m_Spell->GetCaster()->GetName());
}
