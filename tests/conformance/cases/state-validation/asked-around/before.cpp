void BotAI::Act(Player* bot)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
    {
        bot->VisitNearbyObjects(5);
    }
}
