void BotMgr::Teleport(Player* bot, WorldLocation const& loc)
{
    bot->GetMap()->RemoveFromActive(bot);
    bot->TeleportTo(loc);
}
