class LoginGate
{
public:
    void Done(bool isWelcome);

private:
    std::mutex _lock;
    std::function<void(bool)> _onDone;
};

void LoginGate::Done(bool isWelcome)
{
    std::unique_lock guard(_lock);
    auto const onDone = _onDone;
    guard.unlock();

    if (onDone)
        onDone(isWelcome);
}
