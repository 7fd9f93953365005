bool PulseEvent::Execute(uint64 now, uint32 /*diff*/)
{
    Unit* target = ObjectAccessor::GetUnit(*_owner, _target);
    float const distance = target->GetDistance(_owner);
    if (distance > 30.0f)
        _owner->InterruptNonMeleeSpells(false);

    _owner->m_Events.AddEvent(this, now + 500);
    return false;
}
