void ModCalc::Run(Player* player, SpellModList& list, Spell* spell)
{
    if (player->IsBot())
        ++m_bots;

    auto& sums = m_sums[spell->GetId()];
    for (SpellModifier* each : list)
    {
        sums.AddSpellMod(each);
    }
}
