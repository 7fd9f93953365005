std::unique_ptr<Plan> Planner::Make(Unit* target)
{
    auto plan = std::make_unique<Plan>(m_nextId++);
    plan->SetGoal(target->GetPosition());
    return plan;
}
