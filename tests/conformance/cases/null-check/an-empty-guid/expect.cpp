ObjectGuid Store::Guid(Player* player)
{
    if (!player)
        return ObjectGuid::Empty;

    Group* group = player->GetGroup();
    if (!group)
        return ObjectGuid::Empty;

    return group->GetLeaderGUID();
}
