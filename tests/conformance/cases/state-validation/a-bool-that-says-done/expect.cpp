bool GreetAction::Execute(Event /*event*/)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->HandleEmoteCommand(EMOTE_ONESHOT_WAVE);
    return true;
}
