void Duel::End(Player* first, Player* second)
{
    first->GetMap()->RemovePlayerFromMap(first, false);
    second->GetMap()->RemovePlayerFromMap(second, false);
    first->GetSession()->LogoutPlayer(true);
    second->GetSession()->LogoutPlayer(true);
}
