#ifndef TRINITYCORE_OBJECTACCESSOR_H
#define TRINITYCORE_OBJECTACCESSOR_H

#include "Define.h"

class Player;

/// All players that are logged in, whether they are in a map or between two.
namespace ObjectAccessor
{
    void AddObject(Player* player);
    void RemoveObject(Player* player);
    Player* FindConnectedPlayer(ObjectGuid guid);
}

#endif
