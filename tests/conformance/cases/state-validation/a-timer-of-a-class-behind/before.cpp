void BotAI::Update(uint32 diff)
{
    m_timer.Update(diff);
    if (!m_timer.Passed())
        return;

    Group* group = m_bot->GetGroup();
    if (group)
        Follow(group->GetLeader());
    m_timer.Reset(500);
}
