class SpellEvent : public BasicEvent
{
    std::unique_ptr<Spell> m_Spell;
};
Spell::~Spell()
{
    ASSERT(!m_caster->ToPlayer() || m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
bool SpellEvent::Execute(uint64 e, uint32 p)
{
    if (m_Spell->update(p))
    {
        m_Spell.reset();
        return true;
    }
    return false;
}
SpellEvent::~SpellEvent()
{
    if (m_Spell)
        m_Spell->cancel();

    if (auto* player = m_Spell ? m_Spell->GetCaster()->ToPlayer() : nullptr)
        player->SetSpellModTakingSpell(m_Spell.get(), false);
}
