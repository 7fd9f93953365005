void Farm::Stop(Player* bot)
{
    m_workers.emplace_back([bot]()
    {
        bot->RemoveFromWorld();
        bot->GetSession()->LogoutPlayer(false);
    });
}
