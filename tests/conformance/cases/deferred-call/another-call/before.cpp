void Herder::Settle(Player* sheep)
{
    sheep->SetHealth(1);
}
