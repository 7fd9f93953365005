void GraveKeeper::Update(uint32 diff)
{
    m_timer += diff;
    BuildPlayerRepop();
}
