bool BotPulse::Execute(uint64 now, uint32 /*diff*/)
{
    float const x = _bot->GetPositionX();
    _ai->RememberPlace(x);
    _bot->m_Events.AddEvent(this, now + 1000);
    return false;
}
