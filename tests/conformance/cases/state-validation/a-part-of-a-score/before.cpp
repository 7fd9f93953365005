#include "BotDanger.h"

uint32 BotDanger::Score(Player* bot) const
{
    return m_base + bot->GetMap()->GetPlayersCountExceptGMs() * 2 + bot->GetLevel();
}
