void BotMgr::KickAll()
{
    for (auto& [guid, bot] : m_bots)
    {
        bot->RemoveFromWorld();
        bot->CombatStop(true);
        ++m_numKicked;
        bot->GetSession()->LogoutPlayer(false);
    }
}
