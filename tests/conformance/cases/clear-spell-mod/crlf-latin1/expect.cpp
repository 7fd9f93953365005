// Grüße
class SpellEvent : public BasicEvent
{
public:
    SpellEvent(Spell* spell);
    ~SpellEvent();

private:
    Trinity::unique_trackable_ptr<Spell> m_Spell;
};

Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}

void Spell::TakeMods()
{
    modOwner->SetSpellModTakingSpell(this, true);
    modOwner->ApplySpellMod(m_spellInfo, this);
    modOwner->SetSpellModTakingSpell(this, false);
}


SpellEvent::~SpellEvent()
{
    m_Spell->cancel(); // über

    LOG_INFO("spells", "gone {}", m_Spell->GetCaster() ? 1 : 0);

    if (auto* player = m_Spell->GetCaster() ? m_Spell->GetCaster()->ToPlayer() : nullptr)
        player->SetSpellModTakingSpell(m_Spell.get(), false);
}
