bool Mail::CanSend(Player* receiver, uint32 money)
{
    if (!receiver)
        return false;

    if (!receiver->IsAlive())
    {
        ++m_numRejected;
        SendResult(MAIL_ERR_RECIPIENT_DEAD);
        return false;
    }

    return money < m_limit;
}
