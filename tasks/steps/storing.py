"""
Storing one crash: as a new row in its defect, or into the row that another file of its capture brought.

Called by ingest within the transaction of a chunk, which holds the captures of all its dumps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from db import crashes, defects, dumps, models, servers
from db.crashes import CrashFacts
from tasks.core import captures, crash_database, enrichment, matching
from tasks.core.crash import Crash
from tasks.core.matching import PatternIndex, Placement
from tasks.steps import reading, runs, server_logs, telling
from tasks.steps.reading import Understanding
from tasks.steps.workspace import Workspace

SAME_CAPTURE = timedelta(hours=1)
"""Two files of one name that does not state its time are of one crash if they were written within this time."""


@dataclass(frozen=True, kw_only=True)
class KnownPatterns:
    """The newest patterns, ready to be searched, and their ids by slug."""

    index: PatternIndex
    by_slug: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class FoundCrash:
    """
    One crash of a dump that was read: the ``index``-th of ``siblings``.

    ``beginnings`` are hashes of the file's first bytes, by the id of an earlier dump of the same path that was as long,
    newest first: where the newest agrees, the file has grown since.
    """

    dump: models.Dump
    index: int
    siblings: tuple[Crash, ...]
    beginnings: Mapping[int, str]

    @property
    def crash(self) -> Crash:
        """The crash itself."""
        return self.siblings[self.index]

    @property
    def report_hash(self) -> str:
        """What tells this crash from all others of its capture."""
        return telling.report_hash(self.dump.sha256 or "", self.index)


def store(session: Session, room: Workspace, found: FoundCrash, known: KnownPatterns) -> int | None:
    """Store a crash; its id where it is new or was placed anew, None where the defect learns nothing from it."""
    of_capture = crashes.of_capture(session, found.dump)
    same = next((row for row in of_capture if row.report_hash == found.report_hash), None)
    if same is not None:
        crashes.add_dump(session, same.id, found.dump.id)
        return None
    earlier = _grown_from(session, found, of_capture) or _beside(session, found, of_capture)
    if earlier is not None:
        return _join(session, room, _Pair(row=earlier, found=found), known)
    understood = reading.understand(found.crash, room.lists, known.index)
    server = room.server(servers.name_of(session, found.dump.server_id))
    occurred_at = server_logs.moment_of(found.crash, server) or found.dump.captured_at
    placement = _place(session, understood, occurred_at)
    window = server_logs.window_of(dumps.tails(session, found.dump.id), server, occurred_at)
    identifier = crashes.add(session, _facts(found, understood, placement, (occurred_at, window)))
    if identifier is not None:
        _add_match(session, identifier, understood, known)
    return identifier


@dataclass(frozen=True, kw_only=True)
class _Pair:
    row: models.Crash
    found: FoundCrash


def _grown_from(session: Session, found: FoundCrash, of_capture: list[models.Crash]) -> models.Crash | None:
    """Return the crash that the same file brought when it was shorter."""
    read = ((dumps.get(session, identifier), digest) for identifier, digest in found.beginnings.items())
    last, digest = next(((dump, digest) for dump, digest in read if dump is not None and dump.sha256), (None, ""))
    if last is None or last.sha256 != digest:
        return None
    told = {crash.id for crash in crashes.of_dump(session, last.id)}
    rows = [row for row in of_capture if row.id in told]
    return rows[found.index] if found.index < len(rows) else None


def _beside(session: Session, found: FoundCrash, of_capture: list[models.Crash]) -> models.Crash | None:
    """
    Return the crash that another file of the capture brought: the text's for a dump, the dump's for a text.

    A record of the old database is neither, and of one crash with both.
    """
    is_text = found.dump.kind == "text"
    rows = []
    for row in of_capture:
        files = crashes.dumps_of(session, row.id)
        is_other = all(_sort(file) != _sort(found.dump) for file in files)
        if is_other and any(_is_near(file, found.dump) for file in files):
            rows.append(row)
    if not rows:
        return None
    if not is_text:
        return next((row for row in rows if enrichment.is_same_death(crashes.value(row), found.crash)), rows[-1])
    dumped = crashes.value(rows[-1])
    alike = (number for number, crash in enumerate(found.siblings) if enrichment.is_same_death(crash, dumped))
    return rows[-1] if found.index == next(alike, len(found.siblings) - 1) else None


def _sort(file: models.Dump) -> str:
    return file.kind if file.kind in {"text", crash_database.KIND} else "binary"


def _is_near(file: models.Dump, other: models.Dump) -> bool:
    return captures.has_own_time(file.path) or abs(file.captured_at - other.captured_at) <= SAME_CAPTURE


def _join(session: Session, room: Workspace, pair: _Pair, known: KnownPatterns) -> int | None:
    """Put a second file's crash into the row of the first, whichever of them has the better stack."""
    row, found = pair.row, pair.found
    before = row.defect_id
    enriched = enrichment.join(crashes.value(row), found.crash)
    understood = reading.understand(enriched.crash, room.lists, known.index)
    crashes.add_dump(session, row.id, found.dump.id)
    first = min(file.id for file in crashes.dumps_of(session, row.id))
    # Texts state the server's local time to the minute; dumps the second, and with the zone.
    server = room.server(servers.name_of(session, found.dump.server_id))
    stated = server_logs.moment_of(found.crash, server) if found.dump.kind != "text" else None
    occurred_at = stated or row.occurred_at
    # The log's tail that was read first is nearest to the crash: a restart may have truncated the log since.
    window = server_logs.window_of(dumps.tails(session, first), server, occurred_at) or row.log_window
    if enriched.is_base_kept:
        row.occurred_at, row.log_window = occurred_at, window
        crashes.enrich(session, row, enriched.crash, understood.assessment)
        own = reading.understand(found.crash, room.lists, known.index)
        if before is not None:
            defects.add_keys(session, before, matching.keys(found.crash, own.signature))
        return None
    placement = _place(session, understood, occurred_at)
    crashes.replace(session, row.id, _facts(found, understood, placement, (occurred_at, window)))
    if before is not None:
        defects.leave(session, before, placement)
    _add_match(session, row.id, understood, known)
    return row.id


def _place(session: Session, understood: Understanding, occurred_at: datetime) -> Placement:
    seen = telling.sighting(understood.crash, understood.signature, occurred_at)
    return defects.place(session, seen, runs.flow_run_id())


def _facts(
    found: FoundCrash, understood: Understanding, placement: Placement, at: tuple[datetime, dict[str, Any] | None]
) -> CrashFacts:
    occurred_at, window = at
    crash = understood.crash
    return CrashFacts(
        server_id=found.dump.server_id,
        dump_id=found.dump.id,
        capture=captures.capture_of(found.dump.path),
        report_hash=found.report_hash,
        occurred_at=occurred_at,
        crash=replace(crash, notes=crash.notes[: telling.NOTES_LIMIT]),
        signature=understood.signature,
        assessment=understood.assessment,
        placement=placement,
        log_window=window,
    )


def _add_match(session: Session, crash_id: int, understood: Understanding, known: KnownPatterns) -> None:
    if understood.match is not None:
        pattern_id = known.by_slug[understood.match.pattern.slug]
        crashes.add_match(session, crash_id, pattern_id, understood.match)
