void Pair::Stop()
{
    m_tank->RemoveFromWorld();
    m_healer->RemoveFromWorld();
    m_tank->GetSession()->LogoutPlayer(true);
    m_healer->GetSession()->LogoutPlayer(true);
}
