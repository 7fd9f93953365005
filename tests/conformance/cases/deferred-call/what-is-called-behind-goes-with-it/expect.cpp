void BotSession::LoginCharacter(Player* hero)
{
    if (hero->isDead())
    {
        hero->m_Events.AddEventAtOffset([guid = hero->GetGUID()]()
        {
            Player* hero = ObjectAccessor::FindConnectedPlayer(guid);
            if (!hero || !hero->IsInWorld() || !hero->isDead())
                return;

            hero->ResurrectPlayer(0.5f);
            hero->SpawnCorpseBones();
            hero->SaveToDB();
        }, 100ms);
    }
}
