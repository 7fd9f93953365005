void Fatal::Stop(Session* session)
{
    std::string const name = session->GetName();
    Write(name);
    std::terminate();
}
