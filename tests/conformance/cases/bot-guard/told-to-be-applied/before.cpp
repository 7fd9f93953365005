void Charms::Wear(Player* wearer, SpellModifier* charm)
{
    m_isBot = wearer->IsBot();
    wearer->AddSpellMod(charm, true);
    m_isApplied = true;
}
