void Healer::Help(Player& patient)
{
    if (!patient.isDead())
        return;

    m_helped.insert(patient.GetGUID());
    patient.ResurrectPlayer(0.7f);
}
