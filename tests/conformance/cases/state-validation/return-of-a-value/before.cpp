uint32 BotAI::ZoneOf(Player* bot)
{
    return bot->GetZoneId();
}
