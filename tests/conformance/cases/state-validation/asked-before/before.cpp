void BotAI::Act(Player* bot)
{
    if (!bot || !bot->IsInWorld())
        return;

    bot->VisitNearbyObjects(5);
}
