SpellEvent::~SpellEvent()
{
    WorldObject* caster = m_Spell->GetCaster();     // a game object may cast, too; null when it is gone
    char const* type = caster && caster->ToPlayer() ? "Player" : "Other";

    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (auto* player = m_Spell->GetCaster() ? m_Spell->GetCaster()->ToPlayer() : nullptr)
        player->SetSpellModTakingSpell(m_Spell, false);

    if (!m_Spell->IsDeletable())
    {
        TC_LOG_ERROR("spells", "~SpellEvent: {} tried to delete non-deletable spell {}", type, m_Spell->GetSpellInfo()->Id);
        return;
    }

    delete m_Spell;
}
