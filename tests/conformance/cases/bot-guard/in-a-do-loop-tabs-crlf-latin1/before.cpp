void Warband::Count()
{
    for (auto const& [guid, fighter] : m_fighters)
        if (!fighter->IsBot())
            ++m_people;
}

void Warband::Strike(Player* fighter, Spell* blow)
{
	TRACE_CALL(Strike)
	do
	{
		blow->Hit(fighter);
		fighter->RestoreSpellMods(blow); // für alle
	} while (blow->Next());
}
