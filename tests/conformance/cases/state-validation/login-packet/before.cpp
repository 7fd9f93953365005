void BotLogin::Finish(Player* bot)
{
    bot->SetMap(m_map);
    bot->UpdateObjectVisibility();
}
