void Planner::Queue(Unit* target)
{
    auto plan = std::make_unique<Plan>(target->GetGUID());
    m_plans.push_back(std::move(plan));
    plan->SetGoal(target->GetPosition());
}
