bool ShieldAction::Execute(Event event)
{
    Unit* target = AI_VALUE(Unit*, "current target");
    std::list<Unit*> units = AI_VALUE(std::list<Unit*>, "units");
    bool isClose = AI_VALUE2(bool, "is close", "current target");
    if (!target)
        return false;

    float distance = target->GetDistance(m_place);
    return isClose && distance < AI_VALUE2(float, "reach", "shield");
}
