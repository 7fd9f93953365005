// Für Größe: schön
void Keeper::Close(Player* hero)
{
    hero->RemoveFromWorld();
    hero->GetSession()->LogoutPlayer(false); // über
}
