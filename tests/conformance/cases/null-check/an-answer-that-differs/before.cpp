bool GreetAction::IsOther(Unit* target)
{
    return m_isEnabled && target->GetGUID() != m_last;
}
