void BotMgr::Kick(Player* bot)
{
    m_kicked.insert(bot->GetGUID());
}
