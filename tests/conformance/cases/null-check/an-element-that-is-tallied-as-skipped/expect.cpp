void Mail::Deliver()
{
    for (Letter* letter : m_letters)
    {
        if (!letter)
            continue;

        if (letter->IsExpired())
        {
            ++m_expired;
            continue;
        }
        ++m_delivered;
    }
}
