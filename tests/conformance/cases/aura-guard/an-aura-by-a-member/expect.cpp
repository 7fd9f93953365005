void Blessings::Give(Player* priest, Player* friendly)
{
    if (!priest->IsAlive())
        return;

    if (!friendly->HasAura(m_blessing))
        priest->AddAura(m_blessing, friendly);
    m_given.insert(friendly->GetGUID());
}
