#include "Player.h"
#include "Group.h"
#include "PlayerbotAI.h"
#include "Spell.h"

Player::Player(ObjectGuid guid, std::string name) : m_guid(guid), m_name(std::move(name))
{
}

Player::~Player() = default;

void Player::Update(uint32 diff)
{
    m_Events.Update(diff);
    _UpdateAuras(diff);

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
        itr->second._HandleEffect(true);
    else
        itr->second.ModStackAmount();
}

void Player::RemoveAura(uint32 spellId)
{
    auto const itr = m_appliedAuras.find(spellId);
    if (itr == m_appliedAuras.end())
        return;

    itr->second._HandleEffect(false);
    m_appliedAuras.erase(itr);
}

uint8 Player::GetAuraStackAmount(uint32 spellId) const
{
    auto const itr = m_appliedAuras.find(spellId);
    return itr == m_appliedAuras.end() ? 0 : itr->second.GetStackAmount();
}

void Player::BuildPlayerRepop()
{
    if (!HasAura(SPELL_GHOST))
        CastSpell(SPELL_GHOST);
}

void Player::ResurrectPlayer()
{
    RemoveAura(SPELL_GHOST);
}

void Player::SetSpellModTakingSpell(Spell* spell, bool apply)
{
    if (apply)
        m_spellModTakingSpell = spell;
    else if (m_spellModTakingSpell == spell)
        m_spellModTakingSpell = nullptr;
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
