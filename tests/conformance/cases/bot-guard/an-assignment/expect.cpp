class Player
{
public:
    bool IsPlayerBot() const;
    Spell* m_spellModTakingSpell;
};

void Charge(Player* owner, Spell* charm)
{
    if (!owner->IsPlayerBot())
        owner->m_spellModTakingSpell = charm;
}
