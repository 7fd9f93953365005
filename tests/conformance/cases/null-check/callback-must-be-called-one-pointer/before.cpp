void Loader::Level(ObjectGuid guid, std::function<void(bool)> done)
{
    Player* bot = ObjectAccessor::FindPlayer(guid);
    uint8 const level = bot->GetLevel();
    m_levels[guid] = level;
    done(level > 10);
}
