void BotAI::Follow(Player* bot, Unit* leader)
{
    bot->TeleportTo(leader->GetWorldLocation());
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->GetMotionMaster()->MoveFollow(leader, 2.0f, 0.0f);
}
