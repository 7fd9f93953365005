bool BotCast::IsBot(Player const* player)
{
    return player && player->GetSession() && player->GetSession()->IsBot();
}

void BotCast::Prepare(Player* player, Spell* spell)
{
    if (!player || !spell)
        return;

    if (!IsBot(player))
        player->SetSpellModTakingSpell(spell, true);
    spell->InitExplicitTargets(_targets);
}
