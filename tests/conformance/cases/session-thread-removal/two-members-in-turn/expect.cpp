void Pair::Stop()
{
    m_tank->GetSession()->LogoutPlayer(true);
    m_healer->GetSession()->LogoutPlayer(true);
}
