void BotAI::Greet(Player* bot)
{
    if (!bot || !bot->IsInWorld())
        return;

    bot->HandleEmoteCommand(EMOTE_ONESHOT_WAVE);
}
