void Writer::Gruesse(Session* session)
{
    // Grüße an alle
    if (!session)
        return;

    std::string const name = session->GetName();
    m_names.push_back(name);
}
