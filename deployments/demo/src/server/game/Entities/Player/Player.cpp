#include "Player.h"
#include "Group.h"
#include "Log.h"
#include "Map.h"
#include "ObjectAccessor.h"
#include "PlayerbotAI.h"
#include "Spell.h"

namespace
{
    /// A dead player who does nothing is released after this time.
    constexpr uint32 DeathTimer = 100;
}

Player::Player(ObjectGuid guid, std::string name) : m_guid(guid), m_name(std::move(name))
{
    ObjectAccessor::AddObject(this);
}

Player::~Player()
{
    ObjectAccessor::RemoveObject(this);
}

void Player::Update(uint32 diff)
{
    m_Events.Update(diff);
    _UpdateAuras(diff);
    _UpdateDeath(diff);

    if (m_playerbotAI)
        m_playerbotAI->UpdateAI(diff);
}

void Player::CreatePlayerbotAI()
{
    m_playerbotAI = std::make_unique<PlayerbotAI>(this);
}

bool Player::CastSpell(uint32 spellId)
{
    SpellInfo const* spellInfo = GetSpellInfo(spellId);
    if (!spellInfo)
        return false;

    auto spell = std::make_unique<Spell>(this, *spellInfo);
    m_Events.AddEventAtOffset(new SpellEvent(std::move(spell)), Milliseconds(spellInfo->CastTime));
    return true;
}

void Player::AddAura(SpellInfo const& spellInfo)
{
    auto const [itr, isNew] = m_appliedAuras.try_emplace(spellInfo.Id, spellInfo);
    if (isNew)
        itr->second._HandleEffect(0, true);
    else if (!spellInfo.StackAmount)
        itr->second._HandleEffect(0, true);
    else
        itr->second.ModStackAmount();
}

void Player::RemoveAura(uint32 spellId)
{
    auto const itr = m_appliedAuras.find(spellId);
    if (itr == m_appliedAuras.end())
        return;

    itr->second._HandleEffect(0, false);
    m_appliedAuras.erase(itr);
}

uint8 Player::GetAuraStackAmount(uint32 spellId) const
{
    auto const itr = m_appliedAuras.find(spellId);
    return itr == m_appliedAuras.end() ? 0 : itr->second.GetStackAmount();
}

void Player::RemoveFromWorld()
{
    m_mapRef.unlink();
    m_map = nullptr;
}

void Player::TeleportTo(float x)
{
    TC_LOG_INFO("entities.player", "{} is teleported to {}", m_name, static_cast<int32>(x));
    m_Events.KillAllEvents();
    m_positionX = x;
    if (m_map)
        m_positionZ = m_map->GetHeight(x);
}

void Player::KillPlayer()
{
    m_deathState = DEAD;
    m_deathTimer = DeathTimer;
    SetCantProc(true);
    TC_LOG_INFO("entities.player", "{} has died", m_name);
}

void Player::BuildPlayerRepop()
{
    AddAura(*GetSpellInfo(SPELL_GHOST));
}

void Player::ResurrectPlayer()
{
    SetCantProc(false);
    RemoveAura(SPELL_GHOST);
    if (m_playerbotAI)
        m_playerbotAI->OnResurrect();

    m_deathState = ALIVE;
    m_deathTimer = 0;
}

void Player::SetSpellModTakingSpell(Spell* spell, bool apply)
{
    if (apply)
        m_spellModTakingSpell = spell;
    else if (m_spellModTakingSpell == spell)
        m_spellModTakingSpell = nullptr;
}

void Player::_UpdateDeath(uint32 diff)
{
    if (!m_deathTimer)
        return;

    if (diff < m_deathTimer)
    {
        m_deathTimer -= diff;
        return;
    }

    m_deathTimer = 0;
    BuildPlayerRepop();
}

void Player::_UpdateAuras(uint32 diff)
{
    for (auto itr = m_appliedAuras.begin(); itr != m_appliedAuras.end();)
    {
        auto const current = itr++;
        if (!current->second.Update(diff))
            RemoveAura(current->first);
    }
}
