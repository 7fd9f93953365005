void Mgr::Tick(ObjectGuid guid)
{
    auto itr = m_bots.find(guid);
    if (itr == m_bots.end())
        return;
    itr->second->SetLevel(3);
}
