float BotNav::DistanceTo(Player* bot, Unit* goal)
{
    if (!goal)
        return MAX_VISIBILITY_DISTANCE;

    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return MAX_VISIBILITY_DISTANCE;

    return bot->GetDistance(goal);
}
