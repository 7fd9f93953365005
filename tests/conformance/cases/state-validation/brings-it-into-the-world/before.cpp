void BotAI::Enter(Player* bot, Map* map)
{
    bot->AddToWorld();
}
