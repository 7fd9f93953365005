#include "Spell.h"
#include "Errors.h"
#include "Player.h"

SpellInfo const* GetSpellInfo(uint32 spellId)
{
    static constexpr SpellInfo SpellStore[] =
    {
        { SPELL_REJUVENATION, 0, 300, 1 },
        { SPELL_GHOST, 0, 0, 1 },
        { SPELL_LIFEBLOOM, 40, 200, 3 }
    };

    for (SpellInfo const& spellInfo : SpellStore)
        if (spellInfo.Id == spellId)
            return &spellInfo;

    return nullptr;
}

Spell::~Spell()
{
    ASSERT(m_caster->GetSpellModTakingSpell() != this);
}

void Spell::cast()
{
    m_caster->SetSpellModTakingSpell(this, true);
    m_caster->AddAura(m_spellInfo);
    finish();
}

void Spell::cancel()
{
    finish();
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

bool SpellEvent::Execute(uint64 /*e_time*/)
{
    m_Spell->cast();
    return true;
}
