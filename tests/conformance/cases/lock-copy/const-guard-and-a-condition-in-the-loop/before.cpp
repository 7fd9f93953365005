bool Group::Broadcast(WorldPacket const& packet, ObjectGuid except) const
{
    bool isSent = false;
    std::lock_guard<std::mutex> const guard(_lock);
    for (Player* member : _members)
    {
        if (!member || member->GetGUID() == except)
            continue;

        member->SendDirectMessage(&packet);
        isSent = true;
    }
    return isSent;
}
