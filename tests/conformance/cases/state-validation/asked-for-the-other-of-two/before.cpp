void BotAI::Rest(Player* bot)
{
    if (!bot->IsBeingTeleported())
    {
        bot->SetStandState(UNIT_STAND_STATE_SIT);
    }
}
