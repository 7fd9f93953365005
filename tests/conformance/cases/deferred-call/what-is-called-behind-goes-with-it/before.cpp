void BotSession::LoginCharacter(Player* hero)
{
    if (hero->isDead())
    {
        hero->ResurrectPlayer(0.5f);
        hero->SpawnCorpseBones();
        hero->SaveToDB();
    }
}
