void Mgr::Run(ObjectGuid guid)
{
    m_current = ObjectAccessor::FindPlayer(guid);
    if (!m_current)
        return;

    m_current->Update(1);
    Finish();
}

void Mgr::Finish()
{
    m_current->Update(3);
}
