void BotMgr::Quit(Player* bot)
{
    bot->RemoveFromWorld();
    bot->m_Events.AddEventAtOffset([bot] { bot->GetSession()->LogoutPlayer(true); }, 1s);
}
