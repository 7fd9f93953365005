uint32 BotAI::ZoneOf(Player* bot)
{
    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return 0;

    return bot->GetZoneId();
}
