void Spawner::Run()
{
    auto place = m_places.begin();
    for (;;)
    {
        if (place == m_places.end())
            break;

        SpawnPoint* point = place->Point;
        Position const where = point->Where();
        m_map->Spawn(where, place->Entry);
        ++place;
    }
}
