void BotAI::Act(std::shared_ptr<Player> const& bot)
{
    bot->CastSpell(nullptr, SPELL_EAT, true);
}
