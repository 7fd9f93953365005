void PlayerbotAI::UpdateNear(uint32 elapsed)
{
    m_nearTimer += elapsed;
    if (m_nearTimer < 500)
        return;

    m_nearTimer = 0;
    std::list<Unit*> targets;
    Trinity::AnyUnfriendlyUnitInObjectRangeCheck check(bot, bot, 40.0f);
    Trinity::UnitListSearcher<Trinity::AnyUnfriendlyUnitInObjectRangeCheck> searcher(bot, targets, check);
    Cell::VisitAllObjects(bot, searcher, 40.0f);

    for (Unit* unit : targets)
        m_seen.insert(unit->GetGUID());
}
