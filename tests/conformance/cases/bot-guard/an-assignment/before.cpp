class Player
{
public:
    bool IsPlayerBot() const;
    Spell* m_spellModTakingSpell;
};

void Charge(Player* owner)
{
    owner->m_spellModTakingSpell = nullptr;
}
