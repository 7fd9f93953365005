bool BotAI::CanSee(Player* bot, Unit* other)
{
    if (!other)
        return false;

    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return false;

    Map* ground = bot->GetMap();
    return ground->IsVisible(other);
}
