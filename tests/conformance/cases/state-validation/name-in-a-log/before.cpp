void BotMgr::Tell(Player* bot)
{
    LOG_INFO("playerbots", "{} was told", bot->GetName());
}
