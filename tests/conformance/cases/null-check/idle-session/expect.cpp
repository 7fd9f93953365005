bool WorldSession::Update(uint32 diff, PacketFilter& updater)
{
    UpdateTimeOutTime(diff);

    /// bots have no connection, so this is the place at which they crash
    if (IsConnectionIdle() && !HasPermission(rbac::RBAC_PERM_IGNORE_IDLE_CONNECTION) && m_Socket)
        m_Socket->CloseSocket();

    ProcessQueryCallbacks();
    return true;
}
