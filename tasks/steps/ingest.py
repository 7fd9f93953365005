"""Ingest: dumps that wait become crashes of defects. The rows come from detection, triage comes after."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import task
from sqlmodel import Session

from db import crashes, defects, dumps, patterns, servers
from db.crashes import CrashFacts
from db.defects import Sighting
from tasks.core import logs, matching
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, ToolMissingError
from tasks.core.matching import CompiledPattern
from tasks.steps import reading, runs
from tasks.steps.reading import DebuggerSettings, Reading
from tasks.steps.workspace import Workspace, workspace

CHUNK = 50


@dataclass(frozen=True, kw_only=True)
class ClaimedDump:
    """A dump under our lease."""

    dump_id: int
    server: str
    path: str
    captured_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReadDump:
    """A claimed dump with what it holds, or with the reason why it can't be read."""

    dump: ClaimedDump
    reading: Reading | None = None
    error: str | None = None


@task(name="claim", retries=2, retry_delay_seconds=1)
def claim_dumps() -> list[ClaimedDump]:
    """Take the next dumps that wait."""
    room = workspace()
    with room.database.transaction() as session:
        return [
            ClaimedDump(
                dump_id=dump.id,
                server=servers.name_of(session, dump.server_id),
                path=dump.path,
                captured_at=dump.captured_at,
            )
            for dump in dumps.claim(session, CHUNK, runs.flow_run_id())
        ]


@task(name="parse")
def parse_dumps(claimed: list[ClaimedDump]) -> list[ReadDump]:
    """Read each claimed dump; one that can't be read carries its reason and stops nobody."""
    room = workspace()
    return [_read(dump, room) for dump in claimed]


@task(name="place", retries=2, retry_delay_seconds=1)
def place_crashes(found: list[ReadDump]) -> list[int]:
    """Place and store the crashes of a chunk in one transaction; return the ids of those that are new."""
    room = workspace()
    stored: list[int] = []
    with room.database.transaction() as session:
        known = patterns.newest(session)
        compiled = [CompiledPattern(pattern=pattern) for pattern in known.values()]
        by_slug = {pattern.slug: identifier for identifier, pattern in known.items()}
        for read in found:
            stored += _store(session, room, read, _Patterns(compiled=compiled, by_slug=by_slug))
    return stored


def crashes_of_dumps(dump_ids: list[int]) -> list[int]:
    """Return the crashes that these dumps brought."""
    with workspace().database.transaction() as session:
        return [crash.id for dump_id in dump_ids for crash in crashes.of_dump(session, dump_id)]


@dataclass(frozen=True, kw_only=True)
class _Patterns:
    compiled: list[CompiledPattern]
    by_slug: dict[str, int]


def _read(dump: ClaimedDump, room: Workspace) -> ReadDump:
    server = room.server(dump.server)
    settings = DebuggerSettings(
        executable=server.executable,
        symbols=server.symbols,
        timeout_s=room.settings.configuration.debugger_timeout_s,
    )
    try:
        return ReadDump(dump=dump, reading=reading.read(Path(dump.path), settings))
    except (DumpError, ToolMissingError) as error:
        return ReadDump(dump=dump, error=str(error))


def _store(session: Session, room: Workspace, read: ReadDump, known: _Patterns) -> list[int]:
    run = runs.flow_run_id()
    row = dumps.get(session, read.dump.dump_id)
    if row is None or row.state != "PARSING":
        return []
    if read.reading is None:
        dumps.fail(session, row, read.error or "unknown", run)
        return []
    row.kind, row.sha256 = read.reading.kind, read.reading.sha256
    stored = []
    for index, crash in enumerate(read.reading.crashes):
        identifier = _store_crash(session, room, _Found(read=read, index=index, crash=crash), known)
        if identifier is not None:
            stored.append(identifier)
    noun = "crash" if len(read.reading.crashes) == 1 else "crashes"
    dumps.finish(session, row, f"{len(read.reading.crashes)} {noun}, {len(stored)} new", run)
    return stored


@dataclass(frozen=True, kw_only=True)
class _Found:
    read: ReadDump
    index: int
    crash: Crash


def _store_crash(session: Session, room: Workspace, found: _Found, known: _Patterns) -> int | None:
    dump, crash = found.read.dump, found.crash
    assert found.read.reading is not None
    row = dumps.get(session, dump.dump_id)
    assert row is not None
    capture = crashes.capture_of(dump.path)
    report_hash = hashlib.sha256(f"{found.read.reading.sha256}:{found.index}".encode()).hexdigest()
    if crashes.exists(session, row.server_id, capture, report_hash):
        return None
    occurred_at = _aware(crash.occurred_at) or dump.captured_at
    understood = reading.understand(crash, room.lists, known.compiled)
    sighting = Sighting(
        signature=understood.signature.signature,
        shape=matching.shape(understood.signature),
        keys=matching.keys(crash, understood.signature),
        occurred_at=occurred_at,
        build=crash.build,
    )
    placement = defects.place(session, sighting, runs.flow_run_id())
    facts = CrashFacts(
        server_id=row.server_id,
        dump_id=dump.dump_id,
        capture=capture,
        report_hash=report_hash,
        occurred_at=occurred_at,
        crash=replace(crash, notes=crash.notes[:50]),
        signature=understood.signature,
        assessment=understood.assessment,
        placement=placement,
        log_window=_log_window(session, dump.dump_id, occurred_at),
    )
    identifier = crashes.add(session, facts)
    if identifier is not None and understood.match is not None:
        pattern_id = known.by_slug[understood.match.pattern.slug]
        crashes.add_match(session, identifier, pattern_id, understood.match)
    return identifier


def _log_window(session: Session, dump_id: int, occurred_at: datetime) -> dict[str, Any] | None:
    rows = dumps.tails(session, dump_id)
    if not rows:
        return None
    tails = {Path(row.path).name: (content, row.is_cut) for row, content in rows if row.error is None}
    found = reading.windows(tails, occurred_at)
    return reading.window_json(found, logs.correlate(found), [row.error for row, _ in rows if row.error])


def _aware(at: datetime | None) -> datetime | None:
    """A report states the server's local time without a zone; the server is taken to share ours."""
    return at.astimezone() if at is not None else None
