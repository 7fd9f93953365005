bool BotAI::OnOwn()
{
    Player* bot = GetBot();
    if (!bot || !bot->IsInWorld() || bot->isDead())
        return false;

    if (m_isTired)
        return bot->HasAura(SPELL_TIRED);

    return true;
}
