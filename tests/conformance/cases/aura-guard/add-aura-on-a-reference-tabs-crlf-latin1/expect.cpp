void Warden::Mark(Unit& prey, Player* hunter)
{
	hunter->Attack();
	if (!prey.HasAura(SPELL_MARK))
		hunter->AddAura(SPELL_MARK, &prey);	// für alle sichtbar
	hunter->Follow(prey);
}
