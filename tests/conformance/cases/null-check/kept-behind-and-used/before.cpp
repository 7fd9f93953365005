void Mgr::Run(ObjectGuid guid)
{
    Player* p = ObjectAccessor::FindPlayer(guid);
    p->Update(1);
    m_current = p;
    m_current->Update(2);
}
