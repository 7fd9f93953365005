void BotAI::Act()
{
    auto bot = CurrentBot();
    bot.VisitNearbyObjects(5);
}
