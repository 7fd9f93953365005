bool BotPulse::Execute(uint64 now, uint32 /*diff*/)
{
    _bot->CombatStop(true);
    _owner->Queue().AddEvent(this, now + 1000);
    return false;
}
