void Sessions::Drop(Session* session)
{
    Player* bot = session->GetPlayer();
    bot->m_Events.AddEventAtOffset([bot]()
    {
        bot->RemoveFromWorld();
        bot->GetSession()->LogoutPlayer(false);
    }, 1s);
}
