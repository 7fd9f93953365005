void GreetAction::Update(Unit* target)
{
    bool const isNear = m_isEnabled && target->IsWithinRange(m_spot, 5.0f);
    SetNear(isNear);
}
