Holder::~Holder()
{
    if (m_owner)
        m_owner->Unregister(this);
    m_map.clear();
}
