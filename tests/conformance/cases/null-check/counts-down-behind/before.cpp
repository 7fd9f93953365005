void Loader::OnLoaded(ObjectGuid guid)
{
    Player* bot = ObjectAccessor::FindPlayer(guid);
    uint32 level = bot->GetLevel();
    if (level > 10)
        _high.insert(guid);
    if (--_pending == 0)
        Finish();
}
