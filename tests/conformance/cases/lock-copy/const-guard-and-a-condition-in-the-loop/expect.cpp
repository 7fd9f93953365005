bool Group::Broadcast(WorldPacket const& packet, ObjectGuid except) const
{
    bool isSent = false;
    std::unique_lock<std::mutex> guard(_lock);
    auto const members = _members;
    guard.unlock();

    for (Player* member : members)
    {
        if (!member || member->GetGUID() == except)
            continue;

        member->SendDirectMessage(&packet);
        isSent = true;
    }
    return isSent;
}
