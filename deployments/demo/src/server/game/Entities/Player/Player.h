#ifndef TRINITYCORE_PLAYER_H
#define TRINITYCORE_PLAYER_H

#include "EventProcessor.h"
#include "SpellAuras.h"
#include <string>

class Group;
class Map;
class PlayerbotAI;
class Spell;

class Player
{
public:
    Player(ObjectGuid guid, std::string name);
    ~Player();

    void Update(uint32 diff);

    ObjectGuid GetGUID() const { return m_guid; }
    std::string const& GetName() const { return m_name; }
    Map* GetMap() const { return m_map; }
    void SetMap(Map* map) { m_map = map; }
    bool IsInWorld() const { return m_map != nullptr; }
    Group* GetGroup() const { return m_group.get(); }
    void SetGroup(std::shared_ptr<Group> group) { m_group = std::move(group); }
    PlayerbotAI* GetPlayerbotAI() const { return m_playerbotAI.get(); }
    void CreatePlayerbotAI();

    bool CastSpell(uint32 spellId);
    void AddAura(SpellInfo const& spellInfo);
    void RemoveAura(uint32 spellId);
    bool HasAura(uint32 spellId) const { return m_appliedAuras.count(spellId) != 0; }
    uint8 GetAuraStackAmount(uint32 spellId) const;
    void BuildPlayerRepop();
    void ResurrectPlayer();

    Spell* GetSpellModTakingSpell() const { return m_spellModTakingSpell; }
    void SetSpellModTakingSpell(Spell* spell, bool apply);

private:
    void _UpdateAuras(uint32 diff);

    ObjectGuid m_guid;
    std::string m_name;
    Map* m_map = nullptr;
    std::shared_ptr<Group> m_group;
    std::map<uint32, AuraApplication> m_appliedAuras;
    Spell* m_spellModTakingSpell = nullptr;
    std::unique_ptr<PlayerbotAI> m_playerbotAI;

public:
    // The last member, so that its events end while the rest of the player still lives
    EventProcessor m_Events;
};

#endif
