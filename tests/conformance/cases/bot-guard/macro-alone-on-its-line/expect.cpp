void A::Run(Player* player, Spell* spell)
{
    m_is = player->IsBot();
    PROFILE_SCOPE
    if (!player->IsBot())
        player->RestoreSpellMods(spell);
}
