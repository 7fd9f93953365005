// Für Größe: schön
void Keeper::Close(Player* hero)
{
    hero->GetSession()->LogoutPlayer(false); // über
}
