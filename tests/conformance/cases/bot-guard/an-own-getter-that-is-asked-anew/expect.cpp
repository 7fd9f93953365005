void Handler::Begin(Spell* spell)
{
    if (GetPlayer()->IsBot())
        ++m_botSpells;
    if (!GetPlayer()->IsBot())
        GetPlayer()->SetSpellModTakingSpell(spell, true);
}
