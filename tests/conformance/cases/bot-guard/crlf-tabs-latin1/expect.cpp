// Zauberlänge
void Herd::Charge(Player* sheep, Spell* spell)
{
	sheep->Say(sheep->IsBot() ? "bäh" : "hi");
	if (!sheep->IsBot())
		sheep->SetSpellModTakingSpell(spell, true);
}
