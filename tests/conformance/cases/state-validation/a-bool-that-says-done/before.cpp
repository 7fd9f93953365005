bool GreetAction::Execute(Event /*event*/)
{
    bot->HandleEmoteCommand(EMOTE_ONESHOT_WAVE);
    return true;
}
