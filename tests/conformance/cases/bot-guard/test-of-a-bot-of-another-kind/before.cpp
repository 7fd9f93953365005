class NpcBot : public Creature { public: bool IsNPCBot() const override; };

void Herd::Drive(NpcBot* dog, Player* master, Spell* spell)
{
    if (dog->IsNPCBot())
        m_dogs.insert(dog);

    master->SetSpellModTakingSpell(spell, true);
}
