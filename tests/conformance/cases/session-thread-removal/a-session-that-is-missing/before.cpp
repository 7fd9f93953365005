bool BotMgr::Remove(ObjectGuid guid)
{
    Player* bot = ObjectAccessor::FindPlayer(guid);
    if (!bot)
        return false;

    bot->CombatStop();
    bot->RemoveFromWorld();
    WorldSession* session = bot->GetSession();
    if (!session)
        return false;

    session->LogoutPlayer(true);
    return true;
}
