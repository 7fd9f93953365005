void BotMgr::KickAll()
{
    for (auto& [guid, bot] : m_bots)
    {
        bot->CombatStop(true);
        ++m_numKicked;
        bot->GetSession()->LogoutPlayer(false);
    }
}
