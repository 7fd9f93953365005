#ifndef TRINITYCORE_GROUP_H
#define TRINITYCORE_GROUP_H

#include "Define.h"
#include <algorithm>
#include <vector>

class Group
{
public:
    void AddMember(ObjectGuid guid) { m_memberSlots.push_back(guid); }

    void RemoveMember(ObjectGuid guid)
    {
        m_memberSlots.erase(std::remove(m_memberSlots.begin(), m_memberSlots.end(), guid), m_memberSlots.end());
    }

    uint32 GetMembersCount() const { return static_cast<uint32>(m_memberSlots.size()); }
    std::vector<ObjectGuid> const& GetMemberSlots() const { return m_memberSlots; }

private:
    std::vector<ObjectGuid> m_memberSlots;
};

#endif
