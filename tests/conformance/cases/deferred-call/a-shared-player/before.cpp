void Herder::Settle(std::shared_ptr<Player> sheep)
{
    sheep->BuildPlayerRepop();
}
