#include "BotQueue.h"

void BotQueue::Drain()
{
    while (!m_orders.empty())
    {
        Order order = m_orders.front();
        Player* bot = ObjectAccessor::FindConnectedPlayer(order.bot);
        if (!bot)
        {
            m_orders.pop();
            continue;
        }

        bot->CastSpell(bot, order.spell, false);
        m_orders.pop();
    }
}
