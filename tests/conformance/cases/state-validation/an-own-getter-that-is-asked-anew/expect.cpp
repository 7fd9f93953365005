void BotAI::Wake()
{
    if (GetBot()->IsDead())
        return;
    if (GetBot()->IsInWorld() && !GetBot()->IsBeingTeleported())
        GetBot()->GetMap()->AddToActive(GetBot());
}
