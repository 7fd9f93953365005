#ifndef TRINITYCORE_WORLD_SOCKET_H
#define TRINITYCORE_WORLD_SOCKET_H

#include "Socket.h"
#include <deque>

enum Opcodes : uint8
{
    CMSG_PING           = 1,
    SMSG_PONG           = 2,
    CMSG_REPOP_REQUEST  = 3,
    CMSG_LOGOUT_REQUEST = 4
};

struct WorldPacket
{
    Opcodes Opcode;
    uint8 Argument;
};

class WorldSocket final : public Socket<WorldSocket>
{
public:
    using Socket::Socket;

    /// Splits the stream into packets of two bytes each.
    void ReadHandler(uint8 const* data, std::size_t size)
    {
        for (std::size_t i = 0; i + 1 < size; i += 2)
            Received.push_back({ static_cast<Opcodes>(data[i]), data[i + 1] });
    }

    std::deque<WorldPacket> Received;

private:
    void OnClose() override { TC_LOG_INFO("network", "Connection closed, {} packets left unread", Received.size()); }
};

#endif
