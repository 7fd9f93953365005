void BotMgr::Drop(Player* bot)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->CombatStop(true);
    m_bots.erase(bot->GetGUID());
}
