#include "Trader.h"

bool Trader::Offer(Player* bot, std::string& error)
{
    if (bot->IsInCombat())
    {
        error = "in combat";
        return false;
    }

    Player* partner = bot->GetTrader();
    partner->SetAccepted(false);
    m_offers++;
    return true;
}
