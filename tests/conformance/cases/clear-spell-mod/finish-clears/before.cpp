#include "Spell.h"

void Spell::finish(bool ok)
{
    if (Player* owner = m_caster->ToPlayer())
        owner->SetSpellModTakingSpell(this, false);
    m_spellState = SPELL_STATE_FINISHED;
}

SpellEvent::~SpellEvent()
{
    m_Spell->finish(false);
    delete m_Spell;
}
