"""
Which crashes of a stream are the same defect, in memory: the first crash of a defect teaches it, later ones are placed.

The database places by the same functions of ``matching``; what differs is where keys and shapes are kept.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.core import matching
from tasks.core.matching import DefectKey, Placement, Shape


@dataclass(kw_only=True)
class Grouping:
    """The defects seen so far, numbered from 1 in the order in which they were learned."""

    _shapes: list[Shape] = field(default_factory=list)
    _by_key: dict[DefectKey, int] = field(default_factory=dict)
    _by_location: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def place(self, shape: Shape, keys: Sequence[DefectKey]) -> Placement:
        """
        Say to which defect the next crash belongs, and learn it where it belongs to none.

        Exact keys come first, then the two-way 60% rule; without any key the crash needs symbols and is in no defect.
        """
        if not keys:
            return Placement(how="needs_symbols")
        found = self._place_by_key(keys) or self._place_by_rule(shape) or self._learn(shape)
        assert found.defect_id is not None
        for key in keys:
            self._by_key.setdefault(key, found.defect_id)
        return found

    def _place_by_key(self, keys: Sequence[DefectKey]) -> Placement | None:
        known = (self._by_key.get(key) for key in keys)
        return next((Placement(how="key", defect_id=number, score=1.0) for number in known if number), None)

    def _place_by_rule(self, shape: Shape) -> Placement | None:
        location = matching.searchable_location(shape)
        if location is None:
            return None
        candidates = ((number, self._shapes[number - 1]) for number in self._by_location[location])
        placement = matching.place(shape, candidates)
        return placement if placement.defect_id is not None else None

    def _learn(self, shape: Shape) -> Placement:
        self._shapes.append(shape)
        number = len(self._shapes)
        location = matching.searchable_location(shape)
        if location is not None:
            self._by_location[location].append(number)
        return Placement(how="new", defect_id=number, score=1.0)
