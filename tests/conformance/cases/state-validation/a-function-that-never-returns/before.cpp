[[noreturn]] void BotFatal::Die(Player* bot)
{
    uint32 const zone = bot->GetZoneId();
    LOG_FATAL("bots", "Broken in {}", zone);
    std::abort();
}
