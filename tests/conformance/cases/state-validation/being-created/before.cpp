Player* BotFactory::Create(WorldSession* session)
{
    Player* bot = new Player(session);
    bot->SetLevel(80);
    return bot;
}
