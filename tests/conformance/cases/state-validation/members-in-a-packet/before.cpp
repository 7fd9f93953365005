void BotAI::Members(Group* group, WorldPacket& data)
{
    data << uint8(group->GetMembersCount());
    for (GroupReference* ref = group->GetFirstMember(); ref != nullptr; ref = ref->next())
        if (Player* member = ref->GetSource())
            data.append(member->GetZoneId());
}
