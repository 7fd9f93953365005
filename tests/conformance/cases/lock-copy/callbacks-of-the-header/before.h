#pragma once
using Callback = std::function<void(Args const&)>;

class Dispatcher
{
public:
    void Fire(Args const& args);

private:
    std::mutex _callbacksMutex;
    std::vector<Callback> _callbacks;
};
