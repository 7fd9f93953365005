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
    std::scoped_lock guard(_lock);
    if (_onDone)
        _onDone(ok);
}
