void BotAI::Members(Group* group)
{
    std::vector<uint32> zones;
    zones.reserve(group->GetMembersCount());
    for (GroupReference* ref = group->GetFirstMember(); ref != nullptr; ref = ref->next())
        if (Player* member = ref->GetSource())
            zones.push_back(member->GetZoneId());
    Use(zones);
}
