#include <memory>
#include "Plan.h"

void Planner::Step(Player* bot)
{
    std::unique_ptr<Plan> plan = MakePlan(bot);
    if (!plan)
        return;

    plan->Start(bot);
    ++m_steps;
    m_plans.push_back(std::move(plan));
}
