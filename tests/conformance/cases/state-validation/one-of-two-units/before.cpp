void BotAI::Heal(Player* bot, Unit* friendly)
{
    bot->CastSpell(friendly, SPELL_HEAL, false);
}
