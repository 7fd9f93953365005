void A::Run(Player* bot)
{
    bot->GetSession()->HandleMoveTeleportAck(m_packet);
}
