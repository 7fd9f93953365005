[[noreturn]] void Fatal::Report(Session* session)
{
    std::string const name = session->GetName();
    TC_LOG_FATAL("server", "Session {} broke the world", name);
    std::abort();
}
