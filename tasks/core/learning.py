"""
What later crashes of a defect teach: the names that most of its stacks share are what the defect is known by.

The first crash of a defect names everything on its stack, also what was there by chance. A name counts once for each
different stack, so that ten thousand equal crashes teach no more than one.
"""

from collections import Counter
from collections.abc import Sequence

from tasks.core.matching import DEFECT_THRESHOLD
from tasks.core.signature import TOP_FRAMES

FIRST_LESSON = 5
"""So many crashes must be there before anything is learned of them; then always after five times as many."""

_FEWEST = 4
"""Shapes of three names are compared more strictly, so none is sharpened into one."""


def is_due(crashes: int, learned_of: int) -> bool:
    """Say whether a defect has enough crashes for another lesson."""
    return crashes >= FIRST_LESSON * max(1, learned_of)


def sharpened(known: Sequence[str], stacks: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """
    Return the names that at least 60% of the different stacks hold, in the order in which they stand there.

    ``known`` is the shape so far. It stays where the stacks differ in their place, are fewer than three, or have too
    little in common to know the defect by.
    """
    different = list(dict.fromkeys(tuple(stack[:TOP_FRAMES]) for stack in stacks if stack))
    if len(different) < 3 or not known or any(stack[0] != known[0] for stack in different):
        return tuple(known)
    counted = Counter(name for stack in different for name in dict.fromkeys(stack))
    shared = {name for name, count in counted.items() if count >= DEFECT_THRESHOLD * len(different)}
    places = {name: _place(name, different) for name in shared}
    names = sorted(shared, key=lambda name: (name != known[0], places[name], name))
    return tuple(names[:TOP_FRAMES]) if len(names) >= min(_FEWEST, len(known)) else tuple(known)


def _place(name: str, stacks: Sequence[Sequence[str]]) -> float:
    places = [stack.index(name) for stack in stacks if name in stack]
    return sum(places) / len(places)
