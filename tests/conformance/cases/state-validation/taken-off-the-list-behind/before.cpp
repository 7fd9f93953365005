void BotMgr::Drop(Player* bot)
{
    bot->CombatStop(true);
    m_bots.erase(bot->GetGUID());
}
