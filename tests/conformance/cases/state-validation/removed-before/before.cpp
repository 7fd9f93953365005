void BotMgr::Shelve(Player* bot)
{
    bot->RemoveFromWorld();
    bot->ClearInCombat();
}
