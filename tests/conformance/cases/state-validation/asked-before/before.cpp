void BotAI::Act(Player* bot)
{
    if (!bot || !bot->IsInWorld() || bot->IsBeingTeleported())
        return;

    bot->VisitNearbyObjects(5);
}
