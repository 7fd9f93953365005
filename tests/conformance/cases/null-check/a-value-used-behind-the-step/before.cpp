uint32 Auction::Age()
{
    uint32 last = 0;
    while (!m_open.empty())
    {
        AuctionEntry* entry = m_open.front();
        uint32 const expires = entry->GetExpireTime();
        m_open.pop_front();
        m_closed.push_back(expires);
        last = expires;
    }
    return last;
}
