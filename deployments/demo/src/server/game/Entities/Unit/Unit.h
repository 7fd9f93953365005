#ifndef TRINITYCORE_UNIT_H
#define TRINITYCORE_UNIT_H

#include "Define.h"

enum DeathState : uint8
{
    ALIVE,
    DEAD
};

/// What fights and dies. While it is dead its auras must not proc.
class Unit
{
public:
    bool isDead() const { return m_deathState == DEAD; }
    /// Calls are paired: who forbids procs allows them again.
    void SetCantProc(bool apply);
    bool CanProc() const { return m_procDeep == 0; }

protected:
    Unit() = default;
    ~Unit() = default;

    DeathState m_deathState = ALIVE;

private:
    uint32 m_procDeep = 0;
};

#endif
