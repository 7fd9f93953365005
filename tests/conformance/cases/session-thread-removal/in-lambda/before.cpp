#include "Roster.h"

void Roster::Later(WorldSession* session)
{
    m_pool.Post([session]()
    {
        Player* bot = session->GetPlayer();
        if (bot && bot->IsInWorld())
            bot->RemoveFromWorld();

        session->LogoutPlayer(false);
    });
    ++m_posted;
}
