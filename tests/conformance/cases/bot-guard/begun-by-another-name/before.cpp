void Choir::Lead(Player* singer, Spell* song)
{
	singer->BeginSpellMods(song);
	song->Perform(singer);
	singer->EndSpellMods(song);

	if (singer->IsBot())
		++m_bots;
}
