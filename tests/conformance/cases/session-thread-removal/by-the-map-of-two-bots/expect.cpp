void Duel::End(Player* first, Player* second)
{
    first->GetSession()->LogoutPlayer(true);
    second->GetSession()->LogoutPlayer(true);
}
