void World::Sum(Report& report)
{
    for (WorldSession* session : m_all)
    {
        WorldSocket* socket = session->GetSocket();
        if (!socket)
            continue;

        auto const bytes = socket->CloseSocket();
        report.Add(bytes);
    }
}
