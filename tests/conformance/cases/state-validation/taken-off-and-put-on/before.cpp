#include "BotGhost.h"

void BotGhost::OnRelease(Player* bot)
{
    bot->RemoveAurasDueToSpell(SPELL_GHOST);
    bot->SetHealth(1);
    bot->CastSpell(bot, SPELL_GHOST, true);
    m_released.insert(bot->GetGUID());
}
