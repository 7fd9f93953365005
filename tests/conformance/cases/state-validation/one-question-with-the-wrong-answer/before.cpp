void BotAI::Wake(Player* bot)
{
    if (!bot->IsInWorld())
        bot->SetStandState(UNIT_STAND_STATE_STAND);
}
