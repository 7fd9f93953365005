"""Crashes as rows that are copied: made ready where a report was read, completed where its crash has got its place."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from db import copying, crashes, storable
from db.crashes import CrashFacts
from db.defects import Sighting
from tasks.core import crash_json
from tasks.core.matching import PatternMatch, Placement

_JSON = frozenset({"thread"})


@dataclass(frozen=True, kw_only=True)
class ToldMatch:
    """Why a crash matched a pattern, as it is stored."""

    slug: str
    score: float
    location: str
    matched: str
    missing: str


@dataclass(frozen=True, kw_only=True)
class ToldCrash:
    """
    All that is stored of a crash but its place: ``columns`` by name, as COPY takes them.

    ``other_threads`` are packed where ``has_threads`` says so; only the first crash of a defect needs them.
    """

    sighting: Sighting
    columns: dict[str, Any]
    notes: tuple[str, ...]
    match: ToldMatch | None
    other_threads: bytes | None = None
    has_threads: bool = False


@dataclass(frozen=True, kw_only=True)
class PlacedCrash:
    """A crash with its place, and what only some crashes of a defect have."""

    crash_id: int
    told: ToldCrash
    placement: Placement
    pattern_id: int | None = None
    other_threads: bytes | None = None
    log_window: dict[str, Any] | None = None
    remarks: tuple[str, ...] = ()


def tell(facts: CrashFacts, sighting: Sighting, match: PatternMatch | None) -> ToldCrash:
    """Make a crash ready for COPY; the placement of ``facts`` is not looked at."""
    columns = crashes.told(facts)
    notes = tuple(columns.pop("notes"))
    return ToldCrash(
        sighting=sighting,
        columns={name: _copied(name, value) for name, value in columns.items()},
        notes=notes,
        match=_told_match(match) if match else None,
    )


def store(session: Session, placed: Sequence[PlacedCrash]) -> None:
    """
    Write crashes, their dumps and matches.

    The caller holds their captures, of which none has a crash yet.
    """
    if not placed:
        return
    names = [*placed[0].told.columns, *crashes.placed(placed[0].placement)]
    columns = ("id", *names, "notes", "other_threads", "log_window")
    copying.copy(session, "crash", columns, (_row(each) for each in placed))
    told_by = ((each.crash_id, each.told.columns["dump_id"]) for each in placed)
    copying.copy(session, "crash_dump", ("crash_id", "dump_id"), told_by)
    matches = [(each, each.told.match) for each in placed if each.told.match and each.pattern_id is not None]
    if matches:
        columns = ("crash_id", "pattern_id", "score", "location", "matched", "missing")
        rows = (
            (each.crash_id, each.pattern_id, match.score, match.location, match.matched, match.missing)
            for each, match in matches
        )
        copying.copy(session, "match", columns, rows)


def with_windows(session: Session, minutes: Iterable[tuple[int, int, Any]]) -> set[tuple[int, int, Any]]:
    """Return for which of these minutes (defect, server, begin) a crash with a log window is stored."""
    asked = sorted(set(minutes))
    query = text(
        "SELECT defect_id, server_id, begin FROM unnest(CAST(:defects AS bigint[]), CAST(:servers AS bigint[]),"
        " CAST(:begins AS timestamptz[])) AS asked (defect_id, server_id, begin) WHERE EXISTS (SELECT FROM crash"
        " WHERE crash.defect_id = asked.defect_id AND crash.server_id = asked.server_id"
        " AND jsonb_typeof(log_window) = 'object'"
        " AND occurred_at >= begin AND occurred_at < begin + interval '1 minute')"
    )
    values = {
        "defects": [defect for defect, _, _ in asked],
        "servers": [server for _, server, _ in asked],
        "begins": [begin for _, _, begin in asked],
    }
    return {(defect, server, begin) for defect, server, begin in session.execute(query, values)} if asked else set()


def _row(each: PlacedCrash) -> tuple[Any, ...]:
    notes = copying.array((*each.told.notes, crashes.placement_note(each.placement), *each.remarks))
    window = _json(each.log_window) if each.log_window is not None else None
    place = crashes.placed(each.placement).values()
    return (each.crash_id, *each.told.columns.values(), *place, notes, each.other_threads, window)


def _copied(name: str, value: Any) -> Any:
    if name in _JSON:
        return _json(value)
    if isinstance(value, str):
        return storable.text(value)
    return copying.array(value) if isinstance(value, list) else value


def _json(value: Any) -> str:
    """Write JSON that Postgres can hold; that a text has to be mended is seen by the escapes, and is rare."""
    written = json.dumps(value)
    is_storable = "\\u0000" not in written and "\\ud" not in written
    return written if is_storable else json.dumps(storable.values(value))


def _told_match(match: PatternMatch) -> ToldMatch:
    evidence = crash_json.match_json(match)
    return ToldMatch(
        slug=match.pattern.slug,
        score=match.score,
        location=storable.text(match.location),
        matched=_json(evidence["matched"]),
        missing=copying.array(evidence["missing"]),
    )
