void BotSaver::Save(ObjectGuid guid)
{
    CharacterDatabase.DirectExecute("START TRANSACTION");

    Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
    uint32 const money = bot->GetMoney();
    CharacterDatabase.Execute("UPDATE bots SET money = {}", money);

    CharacterDatabase.DirectExecute("COMMIT");
}
