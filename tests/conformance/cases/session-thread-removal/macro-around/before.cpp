PB_API void Keeper::Close(Player* hero)
{
    PROFILE_SCOPE("close");
#ifdef WITH_BOTS
    if (hero->IsInWorld())
        hero->RemoveFromWorld();
#endif
    hero->GetSession()->LogoutPlayer(false);
}
