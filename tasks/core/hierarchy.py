"""
How deep into a server a change reaches: the file-modification hierarchy of playerbot servers, shallowest level first.

The module comes first, then hooks and extension points of the core that are made for modules, the core itself last: a
change there meets every other project that builds upon it, so somebody has to allow it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["module only", "hook", "extension point", "core"]

CoreChanges = Literal["by pattern", "allowed", "refused"]
"""Who may allow a change of the core: a pattern or a person for one defect, the configuration for all, or nobody."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """
    Where the levels lie in a project, as folders or files of the repository; what is in none of them is the core.

    Without ``module`` the project knows no such levels.
    """

    module: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    extension_points: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What may allow a change of the core: the project's rule, the defect's pattern, a person who chose a template."""

    core_changes: CoreChanges
    pattern: str | None = None
    is_allowed_by_pattern: bool = False
    is_chosen: bool = False


def level_of(paths: Collection[str], places: Places) -> Level | None:
    """Return the deepest level that a change of these paths reaches; None where the project has no levels."""
    if not places.module:
        return None
    levels = get_args(Level)
    return max((_level(path, places) for path in paths), key=levels.index, default="core")


def deepest(paths: Sequence[str], places: Places) -> tuple[str, ...]:
    """Return those of the paths that lie in the core."""
    return tuple(path for path in paths if _level(path, places) == "core") if places.module else ()


def refusal(level: Level | None, permission: Permission) -> str | None:
    """Return why a change of this level is refused, with what would allow it; None where it is not."""
    if level != "core" or permission.core_changes == "allowed":
        return None
    if permission.core_changes == "refused":
        return 'core_changes = "refused" in [server.source] allows no fix to change the core.'
    if permission.is_allowed_by_pattern or permission.is_chosen:
        return None
    if permission.pattern is None:
        way = "no pattern knows the defect that could allow it"
    else:
        way = (
            f"the pattern {permission.pattern} does not allow it (allows_core = true, in a higher version of it, does)"
        )
    return f'{way}; core_changes = "allowed" in [server.source] allows all.'


def _level(path: str, places: Places) -> Level:
    for level, folders in (
        ("module only", places.module),
        ("hook", places.hooks),
        ("extension point", places.extension_points),
    ):
        if any(_is_below(path, folder) for folder in folders):
            return level  # type: ignore[return-value]  # one of Level's own words
    return "core"


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(place if place.endswith("/") else f"{place}/")
