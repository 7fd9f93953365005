#include "BotGuildAction.h"

void BotGuildAction::Announce(ObjectGuid guid, std::string const& text)
{
    Player* bot = ObjectAccessor::FindPlayer(guid);
    LOG_DEBUG("bots", "announce {}", text);
    bot->GetSession()->SendNotification("%s", text.c_str());
}
