#include "Spell.h"
#include "Errors.h"
#include "Player.h"

SpellInfo const* GetSpellInfo(uint32 spellId)
{
    static constexpr SpellInfo SpellStore[] =
    {
        { SPELL_FROSTBOLT, 20, 60, 100, 1 },
        { SPELL_REJUVENATION, 0, 0, 300, 1 },
        { SPELL_GHOST, 0, 0, 0, 0 },
        { SPELL_LIFEBLOOM, 40, 0, 200, 3 }
    };

    for (SpellInfo const& spellInfo : SpellStore)
        if (spellInfo.Id == spellId)
            return &spellInfo;

    return nullptr;
}

Spell::~Spell()
{
    ASSERT(m_caster->m_spellModTakingSpell != this);
}

bool Spell::cast()
{
    if (m_spellState == SPELL_STATE_PREPARING)
    {
        m_caster->SetSpellModTakingSpell(this, true);
        m_spellState = SPELL_STATE_DELAYED;
        if (m_spellInfo.TravelTime)
            return false;
    }

    m_caster->AddAura(m_spellInfo);
    finish();
    return true;
}

void Spell::cancel()
{
    if (m_spellState == SPELL_STATE_PREPARING)
        finish();

    m_spellState = SPELL_STATE_FINISHED;
}

void Spell::finish()
{
    m_caster->SetSpellModTakingSpell(this, false);
    m_spellState = SPELL_STATE_FINISHED;
}

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();
}

bool SpellEvent::Execute(uint64 e_time)
{
    if (e_time < m_arrivesAt)
        return false;

    m_arrivesAt = e_time + m_Spell->GetTravelTime();
    return m_Spell->cast();
}
