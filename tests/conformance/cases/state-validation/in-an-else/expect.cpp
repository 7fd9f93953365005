void BotAI::Act(Player* bot)
{
    if (m_isTired)
        Rest();
    else if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->CastSpell(bot, SPELL_RUN, true);
}
