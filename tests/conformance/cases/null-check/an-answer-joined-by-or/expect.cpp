bool GreetAction::IsDone(Unit* target)
{
    return m_isOver || (target && target->HasAura(SPELL_GREETED));
}
