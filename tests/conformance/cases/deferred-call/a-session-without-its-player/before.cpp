void Herder::Settle(WorldSession* session)
{
    WorldPacket packet(MSG_ACK);
    session->HandleMoveTeleportAck(packet);
}
