void BossAI::Wave()
{
    Creature* add = me->SummonCreature(NPC_ADD, m_spot);
    ObjectGuid const guid = add->GetGUID();
    m_adds.push_back(guid);
    events.ScheduleEvent(EVENT_WAVE, 30s);
}
