// Zauberlänge
void Herd::Charge(Player* sheep, Spell* spell)
{
	sheep->Say(sheep->IsBot() ? "bäh" : "hi");
	sheep->SetSpellModTakingSpell(spell, true);
}
