bool BotPulse::Execute(uint64 now, uint32 /*diff*/)
{
    if (_bot->IsInWorld() && !_bot->IsBeingTeleported())
        _bot->CombatStop(true);
    _owner->Queue().AddEvent(this, now + 1000);
    return false;
}
