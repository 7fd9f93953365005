bool GreetAction::IsUseful(Unit* target)
{
    return m_isEnabled && target->IsAlive();
}
