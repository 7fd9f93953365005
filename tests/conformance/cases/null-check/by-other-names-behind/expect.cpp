#include "BotAura.h"

void BotAura::Refresh(Unit* bot, uint32 id)
{
    Aura* aura = bot->GetAura(id);
    Aura*& current = aura;
    Aura* kept = aura;
    if (aura)
        LOG_DEBUG("bots", "left {}", aura->GetDuration());
    if (aura)
        kept->RefreshDuration();
    if (aura)
        current->SetCharges(3);
}
