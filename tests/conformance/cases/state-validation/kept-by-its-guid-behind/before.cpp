void BotSpawner::AfterLogin(Player* bot)
{
    bot->SendInitialPacketsAfterAddToMap();
    bot->UpdateObjectVisibility();
    m_spawned.insert(bot->GetGUID());
}
