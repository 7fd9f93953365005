void BotWarden::Look(Player* player)
{
    if (player->IsRealPlayer())
        ++m_people;
}

void BotWarden::Recharge(Player* player, Spell* spell)
{
    auto restore = [&](Player* who)
    {
        who->RestoreSpellMods(spell);
    };

    restore(player);
}
