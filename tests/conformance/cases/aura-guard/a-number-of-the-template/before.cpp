template <uint32 Spell>
void Charms::Wear(Player* wearer)
{
	if (!wearer)
		return;
	wearer->CastSpell(wearer, Spell, true);
}
