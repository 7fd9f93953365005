bool Camp::Find(float& x, float& y) const
{
    GameObject* fire = m_map->GetGameObject(m_fire);
    x = fire->GetPositionX();
    y = fire->GetPositionY();
    return true;
}
