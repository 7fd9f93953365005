void Mgr::Run(ObjectGuid guid, Player* other)
{
    Player* p = ObjectAccessor::FindPlayer(guid);
    Player* current = p;
    p->Update(1);
    current = other;
    current->Update(2);
}
