bool BotAI::CanSee(Player* bot, Unit* other)
{
    if (!other)
        return false;

    Map* ground = bot->GetMap();
    return ground->IsVisible(other);
}
