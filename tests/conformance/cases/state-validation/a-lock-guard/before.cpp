void BotAI::Act(Player* bot)
{
    std::lock_guard<std::mutex> guard(m_lock);
    bot->CastSpell(bot, SPELL_EAT, true);
    ++m_meals;
}
