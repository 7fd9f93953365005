void BotAI::Greet(Player* bot)
{
    if (!bot || !bot->IsInWorld())
        return;

    if (!bot->IsBeingTeleported())
        bot->HandleEmoteCommand(EMOTE_ONESHOT_WAVE);
}
