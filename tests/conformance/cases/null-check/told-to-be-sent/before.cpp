#include "BotSay.h"

void BotSay::Tell(Player* bot, SessionInfo& session)
{
    WorldPacket data(SMSG_MESSAGECHAT, session.text.size());
    data << session.text;
    if (bot == nullptr)
        return;
    bot->GetSession()->SendPacket(&data);
    session.sent = true;
}
