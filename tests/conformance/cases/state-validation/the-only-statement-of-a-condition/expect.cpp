void BotAI::Act(Player* bot)
{
    if (m_isHungry && bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->CastSpell(bot, SPELL_EAT, true);
}
