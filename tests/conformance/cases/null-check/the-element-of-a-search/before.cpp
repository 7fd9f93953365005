void Mgr::Tick(ObjectGuid guid)
{
    auto itr = m_bots.find(guid);
    itr->second->SetLevel(3);
}
