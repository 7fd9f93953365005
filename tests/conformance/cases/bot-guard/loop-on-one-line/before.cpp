void A::Run(Spell* spell)
{
    for (Player* each : m_all) if (each->IsBot()) ++n;
    for (Player* each : m_all) each->RestoreSpellMods(spell);
}
