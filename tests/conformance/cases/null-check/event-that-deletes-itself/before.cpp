bool DelayedGreet::Execute(uint64 /*time*/, uint32 /*diff*/)
{
    Player* player = ObjectAccessor::FindPlayer(_guid);
    player->Say("Hello", LANG_UNIVERSAL);
    player->HandleEmoteCommand(EMOTE_ONESHOT_WAVE);
    return true;
}
