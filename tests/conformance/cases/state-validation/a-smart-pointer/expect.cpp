void BotAI::Act(std::shared_ptr<Player> const& bot)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->CastSpell(nullptr, SPELL_EAT, true);
}
