void Fatal::Write(Session* session)
{
    if (!session)
        return;

    std::string const name = session->GetName();
    m_names.push_back(name);
}
