#include "Keeper.h"

void Keeper::Release(Player* bot, WorldSession* owner)
{
    bot->ResurrectPlayer(1.0f, false);
    m_bots.erase(m_guid);
    owner->LogoutPlayerBot(m_guid);
}
