void Herder::Free(Player* sheep)
{
    if (sheep->IsAlive())
        return;

    return sheep->BuildPlayerRepop();
}
