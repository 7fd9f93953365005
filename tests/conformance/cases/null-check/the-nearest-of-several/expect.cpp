Unit* Ai::Nearest()
{
    Unit* nearest = nullptr;
    float best = MAX_DISTANCE;
    for (Unit* unit : m_units)
    {
        if (!unit)
            continue;

        float const distance = unit->GetDistance(me);
        if (distance < best)
        {
            best = distance;
            nearest = unit;
        }
    }
    return nearest;
}
