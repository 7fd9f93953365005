int App::Start(Options const& options)
{
    if (!m_log || !m_log->Open(options.Folder))
    {
        std::cerr << "No log.\n";
        return 1;
    }

    Run(options);
    return 0;
}
