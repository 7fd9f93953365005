void Handler::Begin(Spell* spell)
{
    if (GetPlayer()->IsBot())
        ++m_botSpells;
    GetPlayer()->SetSpellModTakingSpell(spell, true);
}
