void BotLoader::Enter(Player* bot, Map* map)
{
    bot->SetPhaseMask(PHASEMASK_NORMAL, false);
    bot->SetFullHealth();
    map->AddPlayerToMap(bot);
}
