class Player
{
public:
    bool IsPlayerBot() const;
    Spell* m_spellModTakingSpell;
};

void Charge(Player* owner)
{
    if (!owner->IsPlayerBot())
        owner->m_spellModTakingSpell = nullptr;
}
