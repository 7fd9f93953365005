void World::KickAll()
{
    for (auto const& [id, session] : m_sessions)
    {
        WorldSocket* socket = session->GetSocket();
        session->Log("kick");
        socket->CloseSocket();
    }
}
