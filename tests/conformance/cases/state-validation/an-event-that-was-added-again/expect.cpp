bool BotPulse::Execute(uint64 now, uint32 /*diff*/)
{
    _bot->m_Events.AddEvent(this, now + 1000);
    if (!_bot->IsInWorld() || _bot->IsBeingTeleported())
        return false;

    float const x = _bot->GetPositionX();
    _ai->RememberPlace(_bot, x);
    return false;
}
