void BotSession::LoginCharacter(ObjectGuid login)
{
    Player* hero = ObjectAccessor::FindPlayer(login);
    if (!hero)
        return;

    if (hero->isDead())
        hero->ResurrectPlayer(0.5f, false);
    LOG_INFO("bots", "{} is here", hero->GetName());
}
