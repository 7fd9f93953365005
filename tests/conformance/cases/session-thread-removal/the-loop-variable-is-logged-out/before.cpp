void BotMgr::KickAll()
{
    for (Player* bot : m_bots)
    {
        if (!bot || !bot->IsInWorld())
            continue;

        bot->RemoveFromWorld();
        m_kicked.insert(bot->GetGUID());
        bot->GetSession()->LogoutPlayer(true);
    }
}
