void BotAI::Pruefe(Unit const* einheit)
{
    // prüft die Nähe
    if (!einheit->IsInWorld())
        return;

    float const dist = einheit->GetDistance(m_x, m_y, m_z);
    if (dist < 5.0f)
        Melde(einheit);
}
