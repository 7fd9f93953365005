"""Crash loops: a server that is started again and dies again by the same defect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST = 3
"""Crashes of one defect that make a loop: twice can be chance."""

GAP = timedelta(minutes=15)
"""The longest time between two crashes of a loop: a world server needs minutes to load before it can die again."""


@dataclass(frozen=True, kw_only=True)
class CrashLoop:
    """A run of crashes of one defect on one server, each soon after the one before it."""

    count: int
    first: datetime
    last: datetime


def find(times: Sequence[datetime], at: datetime) -> CrashLoop | None:
    """Return the loop that a crash at this time is part of; ``times`` are those of its defect on its server."""
    known = sorted({*times, at})
    middle = known.index(at)
    start = end = middle
    while start > 0 and known[start] - known[start - 1] <= GAP:
        start -= 1
    while end + 1 < len(known) and known[end + 1] - known[end] <= GAP:
        end += 1
    inside = sum(known[start] <= time <= known[end] for time in times)
    return CrashLoop(count=inside, first=known[start], last=known[end]) if inside >= LEAST else None
