void Herder::Settle(Player* sheep)
{
    WorldPacket packet(MSG_ACK);
    sheep->GetSession()->HandleMoveTeleportAck(packet);
    Remember(packet);
}
