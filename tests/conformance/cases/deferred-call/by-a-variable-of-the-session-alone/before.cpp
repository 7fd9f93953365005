void Ferry::Arrive(Player* rider, WorldPacket ack)
{
    WorldSession* session = rider->GetSession();
    session->HandleMoveTeleportAck(ack);
}
