void Map::Update(uint32 diff)
{
    for (m_mapRefIter = m_mapRefManager.begin(); m_mapRefIter != m_mapRefManager.end(); ++m_mapRefIter)
    {
        Player* player = m_mapRefIter->GetSource();
        if (!player || !player->IsInWorld())
            continue;

        player->Update(diff);
    }
}
