void Mgr::Run(ObjectGuid guid)
{
    Player* p = ObjectAccessor::FindPlayer(guid);
    p->Update(1);
    Helper helper(p);
    helper.Go();
}
