#ifndef TRINITYCORE_SPELL_H
#define TRINITYCORE_SPELL_H

#include "EventProcessor.h"

class Player;

/// Times in milliseconds; an aura of duration 0 stays until it is removed, one with a stack of 0 is applied once.
struct SpellInfo
{
    uint32 Id;
    uint32 CastTime;
    uint32 TravelTime;
    uint32 Duration;
    uint8 StackAmount;
};

enum SpellIds : uint32
{
    SPELL_FROSTBOLT    = 116,
    SPELL_REJUVENATION = 774,
    SPELL_GHOST        = 8326,
    SPELL_LIFEBLOOM    = 33763
};

/// Null for an unknown spell.
SpellInfo const* GetSpellInfo(uint32 spellId);

enum SpellState : uint8
{
    SPELL_STATE_PREPARING,
    SPELL_STATE_DELAYED,
    SPELL_STATE_FINISHED
};

class Spell
{
public:
    Spell(Player* caster, SpellInfo const& spellInfo) : m_caster(caster), m_spellInfo(spellInfo) { }
    ~Spell();

    /// What travels to its target first has no effect yet; false as long as it travels.
    bool cast();
    void cancel();
    void finish();
    SpellState getState() const { return m_spellState; }
    Player* GetCaster() const { return m_caster; }
    uint32 GetTravelTime() const { return m_spellInfo.TravelTime; }

private:
    Player* m_caster;
    SpellInfo const& m_spellInfo;
    SpellState m_spellState = SPELL_STATE_PREPARING;
};

/// Casts the spell when its cast time is over, and again when it arrives; cancels it when it is killed before.
class SpellEvent : public BasicEvent
{
public:
    explicit SpellEvent(std::unique_ptr<Spell> spell) : m_Spell(std::move(spell)) { }
    ~SpellEvent() override;

    bool Execute(uint64 e_time) override;

private:
    std::unique_ptr<Spell> m_Spell;
    uint64 m_arrivesAt = 0;
};

#endif
