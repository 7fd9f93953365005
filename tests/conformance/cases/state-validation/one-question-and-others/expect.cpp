bool BotAI::OnOwn()
{
    Player* bot = GetBot();
    if (!bot || !bot->IsInWorld() || bot->isDead())
        return false;

    if (m_isTired)
    {
        if (bot->IsBeingTeleported())
            return false;

        return bot->HasAura(SPELL_TIRED);
    }

    return true;
}
