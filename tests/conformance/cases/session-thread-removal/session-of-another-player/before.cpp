void Ai::Leave(Player* other, Player* bot)
{
    other->RemoveFromWorld();
    bot->GetSession()->LogoutPlayer(false);
}
