bool Party::AllAlive() const
{
    for (Player* member : m_members)
    {
        if (member && member->isDead())
            return false;
    }
    return true;
}
