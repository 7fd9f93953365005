void Log::Flush()
{
    while (Message* message = m_queue.Pop())
    {
        Appender* appender = Find(message->type);
        std::string const text = appender->Format(*message);
        appender->Write(text);
        delete message;
    }
}
