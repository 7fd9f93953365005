class Player : public Unit
{
public:
    void DropModTaker() { m_spellModTakingSpell.reset(); }
    bool IsModTaker(Spell const* spell) const { return m_spellModTakingSpell.lock().get() == spell; }

private:
    std::weak_ptr<Spell> m_spellModTakingSpell;
};

SpellEvent::~SpellEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();
    m_Spell.reset();
}
