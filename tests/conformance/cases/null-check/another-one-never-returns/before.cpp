void Fatal::Write(Session* session)
{
    std::string const name = session->GetName();
    m_names.push_back(name);
}
