void BotAI::Members(Group* group)
{
    std::vector<uint32> zones;
    zones.reserve(group->GetMembersCount());
    for (GroupReference* ref = group->GetFirstMember(); ref != nullptr; ref = ref->next())
        if (Player* member = ref->GetSource())
            if (member->IsInWorld() && !member->IsBeingTeleported())
                zones.push_back(member->GetZoneId());
    Use(zones);
}
