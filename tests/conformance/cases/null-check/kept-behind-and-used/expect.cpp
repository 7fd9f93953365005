void Mgr::Run(ObjectGuid guid)
{
    Player* p = ObjectAccessor::FindPlayer(guid);
    if (p)
        p->Update(1);
    m_current = p;
    if (p)
        m_current->Update(2);
}
