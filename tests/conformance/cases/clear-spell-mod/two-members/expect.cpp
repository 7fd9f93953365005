class SpellEvent
{
    Aura* m_aura;
    Spell* m_cast;
};

Spell::~Spell()
{
    delete m_selfContainer;
    if (m_caster->GetTypeId() == TYPEID_PLAYER)
        ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::finish(bool ok)
{
    if (Player* owner = m_caster->GetSpellModOwner())
        owner->SetSpellModTakingSpell(this, false);
}

WorldObject* Spell::GetCaster() const { return m_caster; }

SpellEvent::~SpellEvent()
{
    m_aura->Unbind();
    m_cast->cancel();
    if (Player* player = m_cast->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_cast, false);
    if (m_cast->IsDeletable())
        delete m_cast;
}
