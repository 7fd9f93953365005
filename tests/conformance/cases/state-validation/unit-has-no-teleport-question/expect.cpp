float ThreatScan::Sum(Unit* victim, float range)
{
    std::list<Creature*> near;
    if (!victim->IsInWorld())
        return 0;

    victim->GetCreatureListWithEntryInGrid(near, 0, range);

    float sum = 0.0f;
    for (Creature* creature : near)
        sum += creature->GetThreatMgr().GetThreat(victim);
    return sum;
}
