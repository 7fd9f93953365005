#include "PlayerbotAI.h"
#include "Log.h"
#include "Player.h"
#include "Spell.h"

namespace
{
    constexpr uint32 ActionInterval = 50;
    constexpr uint32 ActionStagger = 10;
    constexpr char const* Actions[] = { "follow master", "check buffs", "attack my target", "reach melee", "heal party" };
}

PlayerbotAI::PlayerbotAI(Player* bot) : m_bot(bot), m_lootMgr(bot), m_deathRecovery(bot), m_actionTimer(bot->GetGUID() * ActionStagger % ActionInterval)
{
}

void PlayerbotAI::UpdateAI(uint32 diff)
{
    m_lootMgr.Update(diff);
    m_deathRecovery.Update(diff);
    if (m_bot->isDead())
        return;

    m_actionTimer += diff;
    if (m_actionTimer < ActionInterval)
        return;

    m_actionTimer -= ActionInterval;
    DoNextAction();
}

void PlayerbotAI::DoNextAction()
{
    if (m_lootMgr.HasOpenRolls())
    {
        TC_LOG_INFO("playerbot", "Bot {} action: loot roll", m_bot->GetName());
        RollVote const vote = m_lootMgr.ChooseRoll();
        TC_LOG_INFO("playerbot.loot", "Bot {} rolls {}", m_bot->GetName(), vote == ROLL_NEED ? "need" : "greed");
        return;
    }

    char const* action = Actions[m_actionCount++ % std::size(Actions)];
    TC_LOG_INFO("playerbot", "Bot {} action: {}", m_bot->GetName(), action);
    if (action == Actions[1] && !m_bot->HasAura(SPELL_REJUVENATION))
        m_bot->CastSpell(SPELL_REJUVENATION);
    else if (action == Actions[4])
        m_bot->CastSpell(SPELL_LIFEBLOOM);
}
