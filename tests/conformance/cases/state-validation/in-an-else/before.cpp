void BotAI::Act(Player* bot)
{
    if (m_isTired)
        Rest();
    else
        bot->CastSpell(bot, SPELL_RUN, true);
}
