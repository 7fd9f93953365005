bool GreetAction::IsFree(Unit* target)
{
    return !(m_isEnabled && target->IsAlive());
}
