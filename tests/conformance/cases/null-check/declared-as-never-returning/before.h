class Fatal
{
public:
    [[noreturn]] static void Stop(Session* session);
};
