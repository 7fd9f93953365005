template <uint32 Spell>
void Charms::Wear(Player* wearer)
{
	if (!wearer)
		return;
	if (!wearer->HasAura(Spell))
		wearer->CastSpell(wearer, Spell, true);
}
