bool BotLoader::Place(Player* bot, Position const& at)
{
    Map* map = FindBaseMap(m_mapId);
    bot->UpdatePositionData();
    bot->Relocate(at);
    if (!map || !map->AddPlayerToMap(bot))
        return false;

    return true;
}
