void BotMovement::FollowMaster(Player* bot, Player* master)
{
    if (!bot || !master)
        return;

    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return;

    float dist = bot->GetDistance(master);
    if (dist > 100.f)
    {
        bot->TeleportTo(master->GetWorldLocation());
        return;
    }
    bot->GetMotionMaster()->MoveFollow(master, 2.0f, 0.0f);
}
