void Patrol::Mark(Player& guard, uint32 icon)
{
    if (icon == 0)
        return;

    Map* map = guard.GetMap();
    map->AddMark(guard.GetGUID(), icon);
}
