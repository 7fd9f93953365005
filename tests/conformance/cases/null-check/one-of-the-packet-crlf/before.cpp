void Trade::Send(Player* trader)
{
	WorldPacket data(SMSG_TRADE_STATUS, 12);
	data.append(trader->GetGUID());
	data.append(uint32(0));
	m_session->SendPacket(&data);
}
