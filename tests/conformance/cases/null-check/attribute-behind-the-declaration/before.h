class Fatal
{
    void Halt(Session* session) __attribute__((noreturn));
    void Loop();
};
