"""Ingest: dumps that wait become crashes of defects. The rows come from detection, triage comes after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from prefect import task
from sqlmodel import Session

from db import crashes, dumps, patterns, servers
from tasks.core.errors import DumpError, ToolMissingError
from tasks.steps import reading, runs, storing
from tasks.steps.reading import DebuggerSettings, Reading
from tasks.steps.storing import FoundCrash, KnownPatterns
from tasks.steps.workspace import Workspace, workspace

CHUNK = 50


@dataclass(frozen=True, kw_only=True)
class ClaimedDump:
    """A dump under our lease; ``earlier`` are id and size of the last dumps of the same path."""

    dump_id: int
    server: str
    path: str
    captured_at: datetime
    earlier: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadDump:
    """
    A claimed dump with what it holds, or with the reason why it can't be read.

    ``beginnings`` are hashes of the file's first bytes, by the id of each earlier dump of the same path, newest first.
    """

    dump: ClaimedDump
    reading: Reading | None = None
    error: str | None = None
    beginnings: Mapping[int, str] = field(default_factory=dict)


@task(name="claim", retries=2, retry_delay_seconds=1)
def claim_dumps() -> list[ClaimedDump]:
    """Take the next dumps that wait."""
    return claim_in(workspace())


@task(name="parse")
def parse_dumps(claimed: list[ClaimedDump]) -> list[ReadDump]:
    """Read each claimed dump; one that can't be read carries its reason and stops nobody."""
    room = workspace()
    return [read_in(room, dump) for dump in claimed]


@task(name="place", retries=2, retry_delay_seconds=1)
def place_crashes(found: list[ReadDump]) -> list[int]:
    """Store the crashes of a chunk in one transaction; return the ids of those that are new or placed anew."""
    return place_in(workspace(), found)


def claim_in(room: Workspace) -> list[ClaimedDump]:
    """Take the next dumps that wait in a given installation."""
    with room.database.transaction() as session:
        return [
            ClaimedDump(
                dump_id=dump.id,
                server=servers.name_of(session, dump.server_id),
                path=dump.path,
                captured_at=dump.captured_at,
                earlier=dumps.earlier(session, dump),
            )
            for dump in dumps.claim(session, CHUNK, runs.flow_run_id())
        ]


def place_in(room: Workspace, found: list[ReadDump]) -> list[int]:
    """Store the crashes of a chunk in a given installation."""
    stored: list[int] = []
    with room.database.transaction() as session:
        crashes.lock_captures(session, ((read.dump.server, read.dump.path) for read in found))
        newest = patterns.newest(session)
        known = KnownPatterns(
            index=reading.pattern_index(tuple(newest.values())),
            by_slug={pattern.slug: identifier for identifier, pattern in newest.items()},
        )
        for read in found:
            stored += _store(session, room, read, known)
    return list(dict.fromkeys(stored))


def crashes_of_dumps(dump_ids: list[int]) -> list[int]:
    """Return the crashes that these dumps brought."""
    with workspace().database.transaction() as session:
        return [crash.id for dump_id in dump_ids for crash in crashes.of_dump(session, dump_id)]


def read_in(room: Workspace, dump: ClaimedDump) -> ReadDump:
    """Read one dump of a given installation."""
    server = room.server(dump.server)
    settings = DebuggerSettings(
        executable=server.executable,
        symbols=server.symbols,
        timeout_s=room.settings.configuration.debugger_timeout_s,
    )
    try:
        path = Path(dump.path)
        found = reading.read(path, settings, captured_at=dump.captured_at)
        beginnings = {identifier: reading.hash_of_beginning(path, size) for identifier, size in dump.earlier}
        return ReadDump(dump=dump, reading=found, beginnings=beginnings)
    except (DumpError, ToolMissingError) as error:
        return ReadDump(dump=dump, error=str(error))


def _store(session: Session, room: Workspace, read: ReadDump, known: KnownPatterns) -> list[int]:
    run = runs.flow_run_id()
    row = dumps.get(session, read.dump.dump_id)
    if row is None or row.state != "PARSING":
        return []
    if read.reading is None:
        dumps.fail(session, row, read.error or "unknown", run)
        return []
    row.kind, row.sha256 = read.reading.kind, read.reading.sha256
    session.flush()
    stored = []
    for index in range(len(read.reading.crashes)):
        found = FoundCrash(dump=row, index=index, siblings=read.reading.crashes, beginnings=read.beginnings)
        identifier = storing.store(session, room, found, known)
        if identifier is not None:
            stored.append(identifier)
    noun = "crash" if len(read.reading.crashes) == 1 else "crashes"
    dumps.finish(session, row, f"{len(read.reading.crashes)} {noun}, {len(stored)} new", run)
    return stored
