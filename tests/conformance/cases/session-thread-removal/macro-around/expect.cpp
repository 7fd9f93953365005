PB_API void Keeper::Close(Player* hero)
{
    PROFILE_SCOPE("close");
#ifdef WITH_BOTS
#endif
    hero->GetSession()->LogoutPlayer(false);
}
