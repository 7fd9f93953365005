void Herd::Mourn(Player* sheep)
{
    if (sheep->HasAura(8326))
        return;

    sheep->StopMoving();
    sheep->BuildPlayerRepop();
}
