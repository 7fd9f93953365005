ObjectGuid Store::Guid(Player* player)
{
    if (!player)
        return ObjectGuid::Empty;

    Group* group = player->GetGroup();
    return group->GetLeaderGUID();
}
