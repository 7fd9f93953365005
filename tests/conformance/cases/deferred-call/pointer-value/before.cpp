#include "Undertaker.h"

void Undertaker::WakeAs(Player* ghost, Settings const* settings)
{
    if (!ghost)
        return;

    ghost->ResurrectPlayer(settings->share, settings->withSickness);
}
