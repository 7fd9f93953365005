void Herder::Settle(Player* sheep, WorldPacket& packet)
{
    sheep->GetSession()->HandleMoveTeleportAck(packet);
}
