int32 Filter::Rate(Player* player, Item* item)
{
    if (!player)
        return -2;
    if (!item)
        return -1;

    Guild* guild = player->GetGuild();
    return guild->GetLevel();
}
