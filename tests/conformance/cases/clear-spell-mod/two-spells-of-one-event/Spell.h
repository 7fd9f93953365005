class Player;
class WorldObject
{
public:
    Player* ToPlayer();
};

class Player : public WorldObject
{
public:
    void SetSpellModTakingSpell(Spell* spell, bool apply);
    Spell* m_spellModTakingSpell;
};

class Spell
{
public:
    ~Spell();
    void cancel();
    void finish(bool ok = true);
    bool IsDeletable() const;
    uint32 getState() const { return m_spellState; }
    WorldObject* GetCaster() const { return m_caster; }
    SpellInfo const* GetSpellInfo() const { return m_spellInfo; }

protected:
    WorldObject* const m_caster;
    SpellInfo const* m_spellInfo;
    uint32 m_spellState;
};
