void Mgr::Tick(ObjectGuid guid)
{
    auto itr = m_bots.find(guid);
    if (itr == m_bots.end())
        return;
    if (itr->second)
        itr->second->SetLevel(3);
}
