void Fatal::Halt(Session* session)
{
    std::string const name = session->GetName();
    Write(name);
    Loop();
}
