void BotAI::BuffAll(Group* group)
{
    for (GroupReference const& ref : group->GetMembers())
    {
        if (Player* member = ref.GetSource())
        {
            if (!member->IsInWorld() || member->IsBeingTeleported())
                continue;

            float const distance = member->GetDistance2d(m_x, m_y);
            if (distance < 30.0f)
                m_near.push_back(member->GetGUID());
        }
    }
}
