bool Herder::Free(Player* sheep)
{
    if (sheep->IsAlive())
        return false;

    return sheep->ResurrectPlayer(0.5f, false);
}
