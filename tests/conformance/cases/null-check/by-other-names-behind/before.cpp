#include "BotAura.h"

void BotAura::Refresh(Unit* bot, uint32 id)
{
    Aura* aura = bot->GetAura(id);
    Aura*& current = aura;
    Aura* kept = aura;
    LOG_DEBUG("bots", "left {}", aura->GetDuration());
    kept->RefreshDuration();
    current->SetCharges(3);
}
