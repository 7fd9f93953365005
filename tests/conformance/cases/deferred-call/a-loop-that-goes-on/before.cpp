void Herder::Settle(Player* sheep)
{
    while (sheep->IsBeingTeleportedNear())
    {
        WorldPacket packet(MSG_ACK);
        sheep->GetSession()->HandleMoveTeleportAck(packet);
        ++m_tries;
    }
}
