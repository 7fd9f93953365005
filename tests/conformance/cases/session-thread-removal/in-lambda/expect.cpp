#include "Roster.h"

void Roster::Later(WorldSession* session)
{
    m_pool.Post([session]()
    {
        session->LogoutPlayer(false);
    });
    ++m_posted;
}
