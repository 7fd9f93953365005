bool Duel::Accept(Player* first, Player* second)
{
    uint32 const zone = first->GetZoneId();
    return Begin(zone, second->GetGUID());
}
