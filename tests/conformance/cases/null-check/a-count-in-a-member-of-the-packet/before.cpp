void Calendar::SendInvites(Player* to)
{
    WorldPackets::Calendar::CalendarSendEvent packet;
    packet.InviteCount = m_invites.size();
    for (CalendarInvite* invite : m_invites)
    {
        ObjectGuid const guid = invite->GetInviteeGUID();
        packet.Write(guid);
        packet.Write(uint8(0));
    }
    to->SendDirectMessage(packet.Finish());
}
