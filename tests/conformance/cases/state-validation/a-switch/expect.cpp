void BotAI::Do(Player* bot, uint32 kind)
{
    switch (kind)
    {
        case 1:
            if (bot->IsInWorld() && !bot->IsBeingTeleported())
                bot->CastSpell(bot, SPELL_ONE, true);
            break;
        case 2:
            bot->CombatStop();
            break;
        default:
            break;
    }
}
