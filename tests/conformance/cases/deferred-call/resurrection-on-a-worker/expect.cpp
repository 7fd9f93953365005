void BotSession::LoginCharacter(ObjectGuid login)
{
    Player* hero = ObjectAccessor::FindPlayer(login);
    if (!hero)
        return;

    if (hero->isDead())
        hero->m_Events.AddEventAtOffset([guid = hero->GetGUID()]()
        {
            Player* hero = ObjectAccessor::FindPlayer(guid);
            if (!hero || !hero->IsInWorld() || !hero->isDead())
                return;

            hero->ResurrectPlayer(0.5f, false);
        }, 100ms);
    LOG_INFO("bots", "{} is here", hero->GetName());
}
