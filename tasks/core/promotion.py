"""
Which defects are worth a pattern: an analyst repaired them more than once, the same way, and people approved of it.

Two patches are the same way where the lines that they take and give share most of their words: what differs then is
the place, or a name.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

ALIKE = 0.8
"""Share of words, counted as often as they stand, that two patches must have in common (Jaccard)."""

_WORD = re.compile(rb"\w+|[^\w\s]")


@dataclass(frozen=True, kw_only=True)
class Approved:
    """A fix of an analyst that a person approved: its defect, the place of that, and the patch."""

    fix_id: int
    defect_id: int
    place: str
    patch: bytes


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """The newest defect that was repaired a known way, and the fixes that went that way, oldest first."""

    defect_id: int
    place: str
    fixes: tuple[int, ...]


def repeated(approved: Sequence[Approved]) -> tuple[Repeated, ...]:
    """Return what was repaired the same way more than once, at one place or in one defect, the oldest first."""
    groups: list[list[Approved]] = []
    for fix in sorted(approved, key=lambda each: each.fix_id):
        group = next((each for each in groups if _is_same_way(each[0], fix)), None)
        if group is None:
            groups.append([fix])
        else:
            group.append(fix)
    return tuple(
        Repeated(defect_id=group[-1].defect_id, place=group[-1].place, fixes=tuple(fix.fix_id for fix in group))
        for group in groups
        if len(group) > 1
    )


def _is_same_way(one: Approved, other: Approved) -> bool:
    is_near = one.defect_id == other.defect_id or one.place == other.place
    return is_near and _likeness(_changed_words(one.patch), _changed_words(other.patch)) >= ALIKE


def _changed_words(patch: bytes) -> Counter[tuple[bytes, bytes]]:
    """Count the words of the changed lines, each with its sign; context and headers are the place, not the way."""
    words: Counter[tuple[bytes, bytes]] = Counter()
    is_hunk = False
    for line in patch.split(b"\n"):
        if line.startswith((b"diff ", b"@@")):
            is_hunk = line.startswith(b"@@")
        elif is_hunk and line[:1] in (b"+", b"-"):
            words.update((line[:1], word) for word in _WORD.findall(line[1:]))
    return words


def _likeness(one: Counter[tuple[bytes, bytes]], other: Counter[tuple[bytes, bytes]]) -> float:
    everything = (one | other).total()
    return (one & other).total() / everything if everything else 0.0
