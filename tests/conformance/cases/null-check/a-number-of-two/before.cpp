int32 GreetAction::Weight(Unit* target)
{
    return m_isEnabled && target->IsAlive();
}
