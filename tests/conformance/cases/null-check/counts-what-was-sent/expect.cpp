void Group::SendAll(WorldPacket const* packet)
{
    uint32 sent = 0;
    for (GroupReference* itr = GetFirstMember(); itr != nullptr; itr = itr->next())
    {
        Player* p = itr->GetSource();
        if (!p)
            continue;

        p->SendDirectMessage(packet);
        ++sent;
    }
    LOG_DEBUG("group", "sent to {}", sent);
}
