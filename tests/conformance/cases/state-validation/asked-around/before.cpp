void BotAI::Act(Player* bot)
{
    if (!bot->IsBeingTeleported())
    {
        bot->VisitNearbyObjects(5);
    }
}
