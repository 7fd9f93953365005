void A::Run(Player* player, Spell* spell)
{
    if (m_isBot)
        return;
    Note(player->IsBot());
    player->RestoreSpellMods(spell);
}
