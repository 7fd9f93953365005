void A::Run(Player* player, Spell* spell)
{
    m_is = player->IsBot();
    PROFILE_SCOPE
    player->RestoreSpellMods(spell);
}
