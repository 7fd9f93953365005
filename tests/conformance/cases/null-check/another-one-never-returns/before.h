class Fatal
{
    [[noreturn]] static void Stop(Session* session);
    void Write(Session* session);
};
