#include "DuelAction.h"

bool DuelAction::Execute(Event event)
{
    Player* foe = event.GetSender();
    bot->duel = std::make_unique<DuelInfo>(foe, bot);
    bot->SetGuidValue(PLAYER_DUEL_ARBITER, foe->GetGUID());
    bot->CastSpell(foe, SPELL_DUEL, false);
    _lastFoe = foe->GetGUID();
    return true;
}
