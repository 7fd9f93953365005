void BotMgr::Update(uint32 diff)
{
    uint32 index = 0;
    while (index < m_bots.size())
    {
        Bot* bot = SelectBot(index);
        uint32 const left = bot->GetReactTimer();
        if (left < diff)
            m_ready.push_back(index);
        ++index;
    }
}
