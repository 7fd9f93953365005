bool Medic::Again(ObjectGuid guid)
{
    Player* bot = ObjectAccessor::FindPlayer(guid);
    bot->ResurrectPlayer(0.5f);
    return ObjectAccessor::FindPlayer(guid)->IsAlive();
}
