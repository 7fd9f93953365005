void SunderAction::Strike(Player* bot, Unit* victim)
{
    // Five stacks are wanted before the tank lets go.
    if (bot->GetDistance(victim) > 5.0f)
        return;

    bot->CastSpell(victim, SPELL_SUNDER_ARMOR, true);
}
