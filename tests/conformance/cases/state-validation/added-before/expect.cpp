void BotLoader::Enter(Player* bot)
{
    bot->SetMap(m_map);
    m_map->AddPlayerToMap(bot);
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->CastSpell(bot, SPELL_LOGIN, true);
}
