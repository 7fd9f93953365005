void BotLoader::Enter(Player* bot)
{
    bot->SetMap(m_map);
    m_map->AddPlayerToMap(bot);
    bot->CastSpell(bot, SPELL_LOGIN, true);
}
