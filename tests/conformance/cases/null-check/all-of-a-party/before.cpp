bool Party::AllAlive() const
{
    for (Player* member : m_members)
    {
        if (member->isDead())
            return false;
    }
    return true;
}
