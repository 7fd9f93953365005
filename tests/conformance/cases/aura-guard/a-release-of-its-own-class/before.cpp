void BotPlayer::BuildPlayerRepop()
{
    ++_deaths;
    _arena->ReportDeath(GetGUID());
    if (HasAura(8326))
        return;
    Player::BuildPlayerRepop();
}

void BotPlayer::OnDeathTimer()
{
    _timer = 0;
    BuildPlayerRepop();
    RepopAtGraveyard();
}
