#include <functional>
#include <mutex>

class LoginGate
{
public:
    void Done(bool ok);

private:
    std::mutex _lock;
    std::function<void(bool)> _onDone;
};

void LoginGate::Done(bool ok)
{
    std::unique_lock guard(_lock);
    auto const onDone = _onDone;
    guard.unlock();

    if (onDone)
        onDone(ok);
}
