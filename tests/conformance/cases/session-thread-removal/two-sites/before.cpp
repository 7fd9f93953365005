#include "BotEntry.h"

void BotEntry::Cancel(WorldSession* session)
{
    Player* bot = session->GetPlayer();
    if (bot)
    {
        TC_LOG_INFO("bots", "{} leaves", bot->GetName());
        bot->RemoveFromWorld();
    }
    session->LogoutPlayer(false);
    m_state = State::Idle;
}

void BotEntry::Abort(WorldSession* session)
{
    if (session->GetPlayer() && session->GetPlayer()->IsInWorld())
    {
        session->GetPlayer()->RemoveFromWorld();
    }
    session->LogoutPlayer(true);
    m_state = State::Failed;
}
