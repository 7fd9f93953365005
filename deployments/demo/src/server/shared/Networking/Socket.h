#ifndef TRINITYCORE_SOCKET_H
#define TRINITYCORE_SOCKET_H

#include "Log.h"
#include <atomic>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>

/// A connected stream socket. T handles what arrives in ReadHandler(uint8 const*, std::size_t).
template<class T>
class Socket : public std::enable_shared_from_this<T>
{
public:
    explicit Socket(int socket) : _socket(socket), _closed(false) { }
    Socket(Socket const&) = delete;
    Socket& operator=(Socket const&) = delete;
    virtual ~Socket() { ::close(_socket); }

    virtual bool Update()
    {
        if (!IsOpen())
            return false;

        uint8 buffer[512];
        ssize_t const received = ::recv(_socket, buffer, sizeof(buffer), MSG_DONTWAIT);
        if (received > 0)
            static_cast<T*>(this)->ReadHandler(buffer, static_cast<std::size_t>(received));
        else if (received == 0)
            CloseSocket();

        return IsOpen();
    }

    bool IsOpen() const { return !_closed; }

    void Write(void const* data, std::size_t size)
    {
        if (::send(_socket, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            TC_LOG_DEBUG("network", "Socket {} did not take {} bytes", _socket, size);
    }

    void CloseSocket()
    {
        if (_closed.exchange(true))
            return;

        if (::shutdown(_socket, SHUT_RDWR) < 0)
            TC_LOG_DEBUG("network", "Socket {} could not be shut down", _socket);

        OnClose();
    }

protected:
    virtual void OnClose() { }

private:
    int _socket;
    std::atomic<bool> _closed;
};

#endif
