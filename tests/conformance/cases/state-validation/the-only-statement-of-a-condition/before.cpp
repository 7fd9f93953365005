void BotAI::Act(Player* bot)
{
    if (m_isHungry)
        bot->CastSpell(bot, SPELL_EAT, true);
}
