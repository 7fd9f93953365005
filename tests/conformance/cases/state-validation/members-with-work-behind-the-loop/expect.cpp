void BotAI::Rally(Group* group)
{
    uint32 called = 0;
    for (auto const& ref : group->GetMembers())
    {
        Player* member = ref.GetSource();
        if (!member || member == m_bot)
            continue;

        if (!member->IsInWorld() || member->IsBeingTeleported())
            continue;

        float const x = member->GetPositionX();
        float const bearing = x - m_x;
        m_bearings.push_back(bearing);
        ++called;
    }
    SendSummary(called);
}
