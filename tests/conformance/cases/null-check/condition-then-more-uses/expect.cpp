bool CombatAction::Execute(Event /*event*/)
{
    Unit* target = AI_VALUE(Unit*, "current target");
    if (!target)
        return false;

    if (target->HasAura(m_immunity) && !m_force)
        return false;

    float const distance = bot->GetDistance(target);
    if (distance > sPlayerbotAIConfig->spellDistance)
        return MoveTo(target, 3.0f);

    bot->SetFacingToObject(target);
    return botAI->CastSpell(m_spell, target);
}
