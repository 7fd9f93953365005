void BotMgr::Store(Player* bot)
{
    auto trans = CharacterDatabase.BeginTransaction();
    uint32 const zone = bot->GetZoneId();
    StoreZone(trans, bot, zone);
    CharacterDatabase.CommitTransaction(trans);
}
