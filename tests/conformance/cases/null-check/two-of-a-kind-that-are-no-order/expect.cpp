bool Duel::Accept(Player* first, Player* second)
{
    if (!first)
        return false;

    uint32 const zone = first->GetZoneId();
    return Begin(zone, second->GetGUID());
}
