bool SayLater::Execute(uint64 /*now*/, uint32 /*diff*/)
{
    float const range = m_bot->GetVisibilityRange();
    m_bot->SayTo(range, m_text);
    return true;
}
