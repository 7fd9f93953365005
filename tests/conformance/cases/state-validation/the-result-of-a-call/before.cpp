void BotAI::Act()
{
    FindPlayer()->VisitNearbyObjects(5);
}
