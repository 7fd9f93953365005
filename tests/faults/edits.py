"""Patches that nobody should merge, for the demo's server: each makes one gate red, or points where it must not."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One source edit, as text."""

    path: str
    old: str
    new: str


SESSION = "src/server/game/Server/WorldSession.cpp"
_UNGUARDED = """    if (IsConnectionIdle() && !HasPermission(rbac::RBAC_PERM_IGNORE_IDLE_CONNECTION))
        m_Socket->CloseSocket();
"""
_GUARDED = """    if (m_Socket && IsConnectionIdle() && !HasPermission(rbac::RBAC_PERM_IGNORE_IDLE_CONNECTION))
        m_Socket->CloseSocket();
"""
_END = "    return !m_forceExit;\n"

GUARD = Edit(path=SESSION, old=_UNGUARDED, new=_GUARDED)
"""The right repair, to which the others add their mistake."""

UNCOMPILED = Edit(path=SESSION, old=_END, new="    return !m_forceExitt;\n")
BREAKS_A_TEST = Edit(path=SESSION, old="    _recvQueue.push_back(packet);\n", new="    (void)packet;\n")
NO_REPAIR = Edit(path=SESSION, old=_END, new="    // Checked: nothing to do here.\n    return !m_forceExit;\n")
CATCHES_ALL = Edit(
    path=SESSION,
    old=_UNGUARDED,
    new="    try\n    {\n    " + _GUARDED.replace("\n    ", "\n        ") + "    }\n    catch (...)\n    {\n    }\n",
)
FOUND_BY_ANALYSIS = Edit(
    path=SESSION,
    old=_END,
    new="    int* none = nullptr;\n    if (diff == 4711)\n        *none = 1;\n    return !m_forceExit;\n",
)
CORE = Edit(path="src/server/game/Maps/Map.cpp", old='#include "Map.h"\n', new='#include "Map.h"\n// steered\n')

LINK = "src/server/game/Server/Linked.cpp"
OUT_OF_TREE = Edit(path="../../outside.cpp", old="a", new="b")
ABSOLUTE = Edit(path="/etc/passwd", old="root", new="toor")
HOOK = Edit(path=".git/hooks/post-checkout", old="a", new="b")
DASH = Edit(path="src/-rf.cpp", old="a", new="b")
CI = Edit(path=".github/workflows/build.yml", old="a", new="b")
BUILD_SCRIPT = Edit(path="CMakeLists.txt", old="enable_testing()", new="")
THROUGH_LINK = Edit(path=LINK, old="root", new="toor")
