bool SayLater::Execute(uint64 /*now*/, uint32 /*diff*/)
{
    if (!m_bot->IsInWorld() || m_bot->IsBeingTeleported())
        return true;

    float const range = m_bot->GetVisibilityRange();
    m_bot->SayTo(range, m_text);
    return true;
}
