void Patrol::Scan()
{
    auto it = m_bots.begin();
    while (it != m_bots.end())
    {
        Player* bot = it->second;
        if (bot->IsInWorld() && !bot->IsBeingTeleported())
            bot->VisitNearbyObjects(10.0f);
        ++it;
    }
}
