void Warden::Mark(Unit& prey, Player* hunter)
{
	hunter->Attack();
	hunter->AddAura(SPELL_MARK, &prey);	// für alle sichtbar
	hunter->Follow(prey);
}
