bool Herder::Settle(Player* sheep)
{
    return sheep->ResurrectPlayer(1.0f);
}
