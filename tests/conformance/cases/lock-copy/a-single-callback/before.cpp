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
    std::scoped_lock guard(_lock);
    if (_onDone)
        _onDone(isWelcome);
}
