bool BotAI::Pull(Unit* target)
{
    if (!target)
        return false;

    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return false;

    float const range = bot->GetAttackDistance(target);
    if (range < 5.0f)
        return false;

    bot->Attack(target, true);
    SetState(STATE_COMBAT);
    return true;
}
