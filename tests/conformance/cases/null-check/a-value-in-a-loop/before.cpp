void World::Sum(Report& report)
{
    for (WorldSession* session : m_all)
    {
        WorldSocket* socket = session->GetSocket();
        auto const bytes = socket->CloseSocket();
        report.Add(bytes);
    }
}
