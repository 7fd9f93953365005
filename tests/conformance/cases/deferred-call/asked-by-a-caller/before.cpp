bool BotRevive::Update(uint32 diff)
{
    for (Player* bot : _dead)
    {
        TryRevive(bot);
        if (bot->IsAlive())
            bot->SetFullHealth();
        else
            ++_failures;
    }
    _dead.clear();
    return _failures == 0;
}

void BotRevive::TryRevive(Player* bot)
{
    if (bot->IsAlive())
        return;

    float const pct = bot->InBattleground() ? 1.0f : 0.5f;
    bot->ResurrectPlayer(pct);
}
