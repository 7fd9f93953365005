void Farm::Clear()
{
    while (!m_bots.empty())
    {
        Player* bot = m_bots.back();
        m_bots.pop_back();
        if (bot->IsInWorld())
            bot->RemoveFromWorld();
        if (WorldSession* session = bot->GetSession())
            session->LogoutPlayer(true);
    }
}
