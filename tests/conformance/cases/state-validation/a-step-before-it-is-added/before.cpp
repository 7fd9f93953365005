#include "BotLoginMgr.h"

enum class BotLoginStep { Loaded, Buffed, Added, Ready };

bool BotLoginMgr::Advance(BotLogin& login)
{
    Player* bot = login.bot;
    switch (login.step)
    {
        case BotLoginStep::Loaded:
            bot->CastSpell(bot, SPELL_LOGIN_EFFECT, true);
            login.step = BotLoginStep::Buffed;
            return true;
        case BotLoginStep::Buffed:
            sMapMgr->CreateMap(login.mapId, bot)->AddPlayerToMap(bot);
            login.step = BotLoginStep::Added;
            return true;
        case BotLoginStep::Added:
            login.step = BotLoginStep::Ready;
            return true;
        default:
            return false;
    }
}
