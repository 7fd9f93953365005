"""
Placing many crashes at once, as ``defects.place`` places one: candidates come by two queries and are compared here.

Whoever calls it holds the locks of all locations (``lock``), so that of two processes that learn at once the second
sees what the first has learned. Where keys of a new defect turn out to be taken all the same, it is to be done again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from db import copying, defects, statements, storable, transitions
from db.defects import Sighting
from tasks.core import matching
from tasks.core.matching import Placement, Shape

_Key = tuple[str, str]


class LostRaceError(Exception):
    """Another process learned the same defect meanwhile: undo the transaction and place the crashes again."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A crash that is to be placed, under the id that its row will have, with the pattern that it matches."""

    crash_id: int
    sighting: Sighting
    pattern_id: int | None = None


@dataclass(kw_only=True)
class _Tally:
    """What the crashes of one chunk add to a defect."""

    first_seen: datetime
    last_seen: datetime
    exemplar_id: int
    count: int = 0
    build: str | None = None
    pattern_id: int | None = None

    def add(self, arrival: Arrival) -> None:
        sighting = arrival.sighting
        self.count += 1
        self.first_seen = min(self.first_seen, sighting.occurred_at)
        if sighting.occurred_at >= self.last_seen:
            self.last_seen, self.build = sighting.occurred_at, sighting.build or self.build
        if self.pattern_id is None:
            self.pattern_id = arrival.pattern_id


@dataclass(kw_only=True)
class _Ground:
    """The defects that these crashes may belong to, and what is learned of them on the way."""

    by_key: dict[_Key, int]
    by_location: dict[str, list[tuple[int, Shape]]]
    moved: dict[int, int] = field(default_factory=dict)
    fresh_ids: list[int] = field(default_factory=list)
    learned: dict[int, Sighting] = field(default_factory=dict)
    keys: dict[_Key, int] = field(default_factory=dict)

    def place(self, sighting: Sighting) -> Placement:
        if not sighting.keys:
            return Placement(how="needs_symbols")
        found = self.find(sighting) or self._learn(sighting)
        assert found.defect_id is not None
        for key in _names(sighting):
            if key not in self.by_key:
                self.by_key[key] = self.keys[key] = found.defect_id
        return found

    def find(self, sighting: Sighting) -> Placement | None:
        known = next((self.by_key[key] for key in _names(sighting) if key in self.by_key), None)
        if known is not None:
            return Placement(how="key", defect_id=known, score=1.0)
        location = matching.searchable_location(sighting.shape)
        if location is None:
            return None
        placement = matching.place(sighting.shape, self.by_location.get(storable.text(location), ()))
        if placement.defect_id is None:
            return None
        return replace(placement, defect_id=_end(self.moved, placement.defect_id))

    def _learn(self, sighting: Sighting) -> Placement:
        defect_id = self.fresh_ids.pop()
        self.learned[defect_id] = sighting
        if location := matching.searchable_location(sighting.shape):
            self.by_location.setdefault(storable.text(location), []).append((defect_id, sighting.shape))
        return Placement(how="new", defect_id=defect_id, score=1.0)


def lock(session: Session, sightings: Iterable[Sighting]) -> None:
    """Hold the places of these crashes until the transaction ends, all at once and in one order."""
    names = {storable.text(defects.lock_name(sighting)) for sighting in sightings if sighting.keys}
    hold(session, names, seed=0)


def hold(session: Session, names: Iterable[str], *, seed: int) -> None:
    """Take the advisory locks of these names, in the order of their hashes."""
    query = (
        "SELECT pg_advisory_xact_lock(hash) FROM (SELECT DISTINCT hashtextextended(name, %(seed)s) AS hash"
        " FROM unnest(CAST(%(names)s AS text[])) AS name ORDER BY 1) AS hashes"
    )
    statements.run(session, query, {"names": sorted(names), "seed": seed})


def place_all(session: Session, arrivals: Sequence[Arrival], flow_run_id: str | None) -> list[Placement]:
    """
    Find the defect of each crash, or learn new ones, in the order of the crashes; call ``count`` when they are stored.

    Raises:
        LostRaceError: another process learned one of the new defects meanwhile.
    """
    sightings = [arrival.sighting for arrival in arrivals]
    ground = _ground(session, sightings)
    ground.fresh_ids = copying.draw_ids(session, "defect", _most_learned(ground, sightings))[::-1]
    placements = [ground.place(sighting) for sighting in sightings]
    _store_learned(session, ground.learned, flow_run_id)
    _store_keys(session, ground)
    return placements


def find_all(session: Session, sightings: Sequence[Sighting]) -> list[Placement | None]:
    """Find the defect of each crash and learn nothing; None where a new one would be learned."""
    ground = _ground(session, sightings)
    return [ground.find(each) if each.keys else Placement(how="needs_symbols") for each in sightings]


def count(session: Session, arrivals: Sequence[Arrival], placements: Sequence[Placement]) -> None:
    """Count placed crashes in their defects, one change for each; a defect without exemplar or pattern gets theirs."""
    tallies: dict[int, _Tally] = {}
    for arrival, placement in zip(arrivals, placements, strict=True):
        if placement.defect_id is None:
            continue
        at = arrival.sighting.occurred_at
        start = _Tally(first_seen=at, last_seen=at, exemplar_id=arrival.crash_id)
        tallies.setdefault(placement.defect_id, start).add(arrival)
    if not tallies:
        return
    ids = sorted(tallies)
    ordered = [tallies[defect_id] for defect_id in ids]
    locking = "SELECT id FROM defect WHERE id = ANY(CAST(%(ids)s AS bigint[])) ORDER BY id FOR NO KEY UPDATE"
    statements.run(session, locking, {"ids": ids})
    values = {
        "ids": ids,
        "counts": [tally.count for tally in ordered],
        "firsts": [tally.first_seen for tally in ordered],
        "lasts": [tally.last_seen for tally in ordered],
        "builds": [tally.build and storable.text(tally.build) for tally in ordered],
        "exemplars": [tally.exemplar_id for tally in ordered],
        "patterns": [tally.pattern_id for tally in ordered],
    }
    statements.run(session, _COUNT, values)


_COUNT = """
UPDATE defect SET
    crash_count = crash_count + told.count,
    first_seen = least(defect.first_seen, told.first_seen),
    last_seen = greatest(defect.last_seen, told.last_seen),
    last_build = CASE WHEN told.last_seen >= defect.last_seen THEN coalesce(told.build, last_build) ELSE last_build END,
    exemplar_id = coalesce(defect.exemplar_id, told.exemplar_id),
    pattern_id = coalesce(defect.pattern_id, told.pattern_id)
FROM unnest(
    CAST(%(ids)s AS bigint[]), CAST(%(counts)s AS bigint[]),
    CAST(%(firsts)s AS timestamptz[]), CAST(%(lasts)s AS timestamptz[]),
    CAST(%(builds)s AS text[]), CAST(%(exemplars)s AS bigint[]), CAST(%(patterns)s AS bigint[])
) AS told (id, count, first_seen, last_seen, build, exemplar_id, pattern_id)
WHERE defect.id = told.id
"""


def _names(sighting: Sighting) -> list[_Key]:
    return [(storable.text(key.kind), storable.text(key.value)) for key in sighting.keys]


def _ground(session: Session, sightings: Sequence[Sighting]) -> _Ground:
    by_key = _known_keys(session, sightings)
    strangers = [sighting for sighting in sightings if not any(key in by_key for key in _names(sighting))]
    locations = {matching.searchable_location(sighting.shape) for sighting in strangers}
    by_location: dict[str, list[tuple[int, Shape]]] = {}
    merged: dict[int, int] = {}
    for number, location, in_app, assertion, merged_into in _rows_at(session, [each for each in locations if each]):
        shape = Shape(location=location, in_app=tuple(in_app), assertion=assertion)
        by_location.setdefault(location, []).append((number, shape))
        if merged_into is not None:
            merged[number] = merged_into
    return _Ground(by_key=by_key, by_location=by_location, moved=_merged(session, merged))


def _most_learned(ground: _Ground, sightings: Sequence[Sighting]) -> int:
    """Return how many defects these crashes can bring at most."""
    unlike = {tuple(_names(sighting)) for sighting in sightings if sighting.keys}
    return sum(not any(key in ground.by_key for key in keys) for keys in unlike)


def _known_keys(session: Session, sightings: Sequence[Sighting]) -> dict[_Key, int]:
    asked = sorted({key for sighting in sightings for key in _names(sighting)})
    query = (
        "SELECT kind, value, defect_id, merged_into FROM defect_key JOIN unnest(CAST(%(kinds)s AS text[]),"
        " CAST(%(values)s AS text[])) AS asked (kind, value) USING (kind, value) JOIN defect ON defect.id = defect_id"
    )
    values = {"kinds": [kind for kind, _ in asked], "values": [value for _, value in asked]}
    found = statements.rows(session, query, values)
    merged = _merged(session, {number: into for _, _, number, into in found if into is not None})
    return {(kind, value): _end(merged, number) for kind, value, number, _ in found}


def _merged(session: Session, known: dict[int, int]) -> dict[int, int]:
    """Follow merges: where the crashes of defects that were merged belong now."""
    query = "SELECT id, merged_into FROM defect WHERE id = ANY(CAST(%(ids)s AS bigint[])) AND merged_into IS NOT NULL"
    merged, asked = dict(known), set(known.values())
    while asked:
        found = dict(statements.rows(session, query, {"ids": sorted(asked)}))
        merged |= found
        asked = set(found.values()) - set(merged)
    return merged


def _end(merged: dict[int, int], defect_id: int) -> int:
    while defect_id in merged:
        defect_id = merged[defect_id]
    return defect_id


def _rows_at(session: Session, locations: Sequence[str]) -> list[tuple[Any, ...]]:
    """
    Return id, location, names, assertion and merge of the defects that were learned at these locations.

    What is like a defect that a person merged goes where that one went; one that emptied itself is not asked.
    """
    query = (
        "SELECT id, location, in_app, assertion, merged_into FROM defect"
        " WHERE location = ANY(CAST(%(locations)s AS text[])) AND (merged_into IS NULL OR is_merge_decided) ORDER BY id"
    )
    asked = sorted(storable.text(location) for location in locations)
    return statements.rows(session, query, {"locations": asked}) if asked else []


def _store_learned(session: Session, learned: dict[int, Sighting], flow_run_id: str | None) -> None:
    columns = (
        *("id", "signature", "location", "in_app", "assertion", "crash_count"),
        *("first_seen", "last_seen", "first_build", "last_build", "state"),
    )
    rows = []
    for identifier, sighting in learned.items():
        at, build = sighting.occurred_at, _storable(sighting.build)
        shape = sighting.shape
        told = (storable.text(sighting.signature), _storable(shape.location), copying.array(shape.in_app))
        rows.append((identifier, *told, _storable(shape.assertion), 0, at, at, build, build, "open"))
    if rows:
        copying.copy(session, "defect", columns, rows)
        reasons = dict.fromkeys(learned, "first crash of this defect")
        transitions.record_all(session, "defect", reasons, states=(None, "open"), flow_run_id=flow_run_id)


def _store_keys(session: Session, ground: _Ground) -> None:
    if not ground.keys:
        return
    query = (
        "INSERT INTO defect_key (kind, value, defect_id) SELECT * FROM unnest(CAST(%(kinds)s AS text[]),"
        " CAST(%(values)s AS text[]), CAST(%(ids)s AS bigint[])) ON CONFLICT DO NOTHING RETURNING kind, value"
    )
    ordered = sorted(ground.keys)
    values = {
        "kinds": [kind for kind, _ in ordered],
        "values": [value for _, value in ordered],
        "ids": [ground.keys[key] for key in ordered],
    }
    stored = {(kind, value) for kind, value in statements.rows(session, query, values)}
    if any(ground.keys[key] in ground.learned for key in ordered if key not in stored):
        raise LostRaceError


def _storable(value: str | None) -> str | None:
    return None if value is None else storable.text(value)
