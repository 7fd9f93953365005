void BotAI::Wake()
{
    if (GetBot()->IsDead())
        return;
    GetBot()->GetMap()->AddToActive(GetBot());
}
