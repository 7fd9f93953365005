// One event per target of a missile; all of them hold the one spell, which goes on until the last has hit.
class DelayedHitEvent : public BasicEvent
{
public:
    DelayedHitEvent(std::shared_ptr<Spell> spell, ObjectGuid target) : m_Spell(std::move(spell)), _target(target) { }

    ~DelayedHitEvent() override
    {
        m_Spell->ForgetTarget(_target);
        m_Spell.reset();
    }

    bool Execute(uint64 now, uint32 /*diff*/) override
    {
        return m_Spell->HitTarget(_target, now);
    }

private:
    std::shared_ptr<Spell> m_Spell;
    ObjectGuid _target;
};
