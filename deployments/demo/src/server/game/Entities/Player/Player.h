#ifndef TRINITYCORE_PLAYER_H
#define TRINITYCORE_PLAYER_H

#include "EventProcessor.h"
#include "MapReference.h"
#include "SpellAuras.h"
#include "Unit.h"
#include <string>

class Group;
class Map;
class PlayerbotAI;
class Spell;

class Player : public Unit
{
public:
    Player(ObjectGuid guid, std::string name);
    ~Player();

    void Update(uint32 diff);

    ObjectGuid GetGUID() const { return m_guid; }
    std::string const& GetName() const { return m_name; }
    Map* GetMap() const { return m_map; }
    MapReference& GetMapRef() { return m_mapRef; }
    bool IsInWorld() const { return m_map != nullptr; }
    void AddToWorld(Map* map) { m_map = map; }
    /// Leaves the list of the map as it is: only the map itself may call this while it is updated.
    void RemoveFromWorld();
    /// Ends what the player is about to do, and puts it down elsewhere.
    void TeleportTo(float x);
    float GetPositionX() const { return m_positionX; }
    float GetPositionZ() const { return m_positionZ; }
    void UpdateVisibility(uint32 playersAround) { m_visiblePlayers = playersAround; }
    Group* GetGroup() const { return m_group.get(); }
    void SetGroup(std::shared_ptr<Group> group) { m_group = std::move(group); }
    PlayerbotAI* GetPlayerbotAI() const { return m_playerbotAI.get(); }
    void CreatePlayerbotAI();

    bool CastSpell(uint32 spellId);
    void AddAura(SpellInfo const& spellInfo);
    void RemoveAura(uint32 spellId);
    bool HasAura(uint32 spellId) const { return m_appliedAuras.count(spellId) != 0; }
    uint8 GetAuraStackAmount(uint32 spellId) const;
    void KillPlayer();
    void BuildPlayerRepop();
    void ResurrectPlayer();

    Spell* m_spellModTakingSpell = nullptr;
    void SetSpellModTakingSpell(Spell* spell, bool apply);

private:
    void _UpdateAuras(uint32 diff);
    void _UpdateDeath(uint32 diff);

    ObjectGuid m_guid;
    std::string m_name;
    Map* m_map = nullptr;
    MapReference m_mapRef;
    float m_positionX = 0.0f;
    float m_positionZ = 0.0f;
    uint32 m_visiblePlayers = 0;
    uint32 m_deathTimer = 0;
    std::shared_ptr<Group> m_group;
    std::map<uint32, AuraApplication> m_appliedAuras;
    std::unique_ptr<PlayerbotAI> m_playerbotAI;

public:
    // The last member, so that its events end while the rest of the player still lives
    EventProcessor m_Events;
};

#endif
