bool FlightAction::Useful()
{
    PlayerbotAI* ai = GET_PLAYERBOT_AI(bot);
    return ai && ai->IsBot() && !bot->IsInCombat();
}

void CastHelper::Prepare(Player* caster, Spell* spell)
{
    if (!spell)
        return;

    caster->SetSpellModTakingSpell(spell, true);
    ++m_prepared;
}
