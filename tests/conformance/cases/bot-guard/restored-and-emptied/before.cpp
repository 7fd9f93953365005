void Spell::CancelMods(Player* player)
{
    if (player->GetSession()->IsBot())
    {
        _botCancelled = true;
    }

    // gives the charges back, bots have talents with charges as well
    player->RestoreSpellMods(this);
    m_appliedMods.clear();
}
