#pragma once
template <class T>
class Socket
{
    void CloseSocket()
    {
        if (_closed.exchange(true))
            return;
    }

    std::atomic<bool> _closed;
};
