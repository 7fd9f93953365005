void BotSpawner::AfterLogin(Player* bot)
{
    bot->SendInitialPacketsAfterAddToMap();
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        bot->UpdateObjectVisibility();
    m_spawned.insert(bot->GetGUID());
}
