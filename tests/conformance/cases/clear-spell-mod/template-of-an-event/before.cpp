Spell::~Spell()
{
    ASSERT(m_caster->ToPlayer()->m_spellModTakingSpell != this);
}
void Spell::finish() { GetCaster()->ToPlayer()->SetSpellModTakingSpell(this, false); }
template <class T>
class TimedEvent : public BasicEvent
{
public:
    ~TimedEvent() override
    {
        m_spell->cancel();
        delete m_spell;
    }
private:
    T* m_spell;
};
