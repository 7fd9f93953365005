// Runs on a thread of the pool, NOT on the map's.
void BotLoginPool::Enqueue(ObjectGuid guid)
{
    _pool.Submit([this, guid] { FinishLogin(guid); });
}

void BotLoginPool::FinishLogin(ObjectGuid guid)
{
    Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
    if (!bot || bot->IsAlive())
        return;

    bot->ResurrectPlayer(0.5f);
}
