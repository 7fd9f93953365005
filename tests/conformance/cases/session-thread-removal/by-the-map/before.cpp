void Keeper::Close(Player* hero)
{
    Map* map = hero->GetMap();
    map->RemovePlayerFromMap(hero, false);
    hero->GetSession()->LogoutPlayer(false);
}
