uint32 BotAI::Members(Group* group)
{
    uint32 alive = 0;
    for (GroupReference* ref = group->GetFirstMember(); ref; ref = ref->next())
    {
        Player* member = ref->GetSource();
        if (!member || !member->IsInWorld())
            continue;

        if (member->IsBeingTeleported())
            continue;

        uint32 const zone = member->GetZoneId();
        if (zone == m_zone)
            ++alive;
    }
    return alive;
}
