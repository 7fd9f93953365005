static bool IsGhost(Player const* player)
{
    return player->HasAura(8326);
}

bool GhostKeeper::Release(Player* bot)
{
    if (bot->IsAlive() || IsGhost(bot))
        return false;

    bot->BuildPlayerRepop();
    bot->RepopAtGraveyard();
    return true;
}
