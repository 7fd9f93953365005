void ThreatList::Decay(float factor)
{
    ThreatNode* node = m_first;
    while (node)
    {
        Unit* victim = node->victim;
        float const threat = victim->GetThreat() * factor;
        m_total += threat;
        node = node->next;
    }
}
