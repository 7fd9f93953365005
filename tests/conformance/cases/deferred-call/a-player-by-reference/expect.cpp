void Healer::Help(Player& patient)
{
    if (!patient.isDead())
        return;

    m_helped.insert(patient.GetGUID());
    patient.m_Events.AddEventAtOffset([guid = patient.GetGUID()]()
    {
        Player* patient = ObjectAccessor::FindConnectedPlayer(guid);
        if (!patient || !patient->IsInWorld() || !patient->isDead())
            return;

        patient->ResurrectPlayer(0.7f);
    }, 100ms);
}
