void Patrol::Mark(Player& guard, uint32 icon)
{
    if (!guard.IsInWorld() || guard.IsBeingTeleported())
        return;

    guard.GetMap()->AddMark(guard.GetGUID(), icon);
}
