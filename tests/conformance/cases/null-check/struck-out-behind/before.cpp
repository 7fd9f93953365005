void Requests::Answer(ObjectGuid guid)
{
    Player* asker = ObjectAccessor::FindPlayer(guid);
    uint32 const zone = asker->GetZoneId();
    SendAnswer(guid, zone);
    m_open.erase(guid);
}
