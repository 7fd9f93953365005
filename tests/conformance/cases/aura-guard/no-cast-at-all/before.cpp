void Herd::Mourn(Player* sheep)
{
    sheep->ResurrectPlayer(0.5f);
}
