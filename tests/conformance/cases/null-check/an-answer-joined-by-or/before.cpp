bool GreetAction::IsDone(Unit* target)
{
    return m_isOver || target->HasAura(SPELL_GREETED);
}
