void EscortAI::Start(Unit* leader)
{
    m_leader = leader;
    m_leader->SetWalk(true);
}

void EscortAI::Follow()
{
    Unit* owner = me->GetOwner();
    m_pace = m_leader->GetSpeed(MOVE_RUN) - owner->GetSpeed(MOVE_RUN);
}
