Holder::~Holder()
{
    m_owner->Unregister(this);
    m_map.clear();
}
