Unit* HealAI::SelectLowest(std::list<Unit*> const& targets) const
{
    Unit* lowest = nullptr;
    for (Unit* target : targets)
    {
        if (lowest && lowest->GetHealthPct() <= target->GetHealthPct())
            continue;

        lowest = target;
    }
    return lowest;
}
