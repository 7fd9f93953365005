void A::Run(Player* bot)
{
    m_bots.Visit([bot]()
    {
        if (bot->IsAlive())
            return;
        bot->m_Events.AddEventAtOffset([guid = bot->GetGUID()]()
        {
            Player* bot = ObjectAccessor::FindConnectedPlayer(guid);
            if (!bot || !bot->IsInWorld() || bot->IsAlive())
                return;

            bot->BuildPlayerRepop();
        }, 100ms);
    });
}
