class PlayerbotAI
{
public:
    bool IsBot() const { return m_isBot; }

private:
    bool m_isBot = false;
};

class Player : public Unit
{
public:
    bool IsPlayerBot() const;
    void RestoreSpellMods(Spell* spell);
};

void PlayerbotMgr::AfterCast(Player& caster, Spell* spell)
{
    m_casts.push_back(spell->GetId());
    caster.RestoreSpellMods(spell);
}
