void Pair::Stop()
{
    m_tankPlayer->RemoveFromWorld();
    m_healerSession->LogoutPlayer(true);
}
