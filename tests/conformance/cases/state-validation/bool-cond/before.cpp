#include "Anchor.h"

bool Anchor::IsOnShip(Player* sailor) const
{
    TransportBase* deck = sailor->GetTransport();
    if (!deck)
        return false;

    if (sailor->GetMap()->IsDungeon() && m_strict)
        return false;

    return true;
}
