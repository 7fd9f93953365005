void BotAI::Heal(Player* bot, Unit* friendly)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->CastSpell(friendly, SPELL_HEAL, false);
}
