"""
Reanalysis: stored crashes are read again with the rules of today, from their dump or, where it is gone, from their row.

Ingest stored them; triage and the reports come after.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from prefect import task
from sqlmodel import Session, col, select

from db import crashes, defects, dumps, models, patterns, revisions, servers, transitions
from db.crashes import CrashFacts
from db.defects import Sighting
from tasks.core import matching
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, NotFoundError, ToolMissingError
from tasks.core.patterns import Pattern
from tasks.steps import reading, runs, server_logs
from tasks.steps.reading import DebuggerSettings, Reading, Understanding
from tasks.steps.workspace import Workspace, workspace

CHUNK = 50
NOTES_LIMIT = 50
_CONCLUSIONS = ("placement: ", "severity ", "category ", "in this crash: ", "bot related: ")
"""How the notes begin that triage and placing add to those of the parser."""
FROM_DUMP = "read again from its dump"
FROM_ROW = "read again from its stored stack"
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The crashes that were asked for. ``is_unread``: the dump has none yet and waits in the queue now."""

    crash_ids: tuple[int, ...] = ()
    is_unread: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadAgain:
    """A stored crash as it is read today, and from what."""

    crash_id: int
    crash: Crash
    reason: str


def run_name() -> str:
    """Return the name under which people see a reanalysis."""
    named = [(noun, runs.parameter(f"{noun}_id")) for noun in ("crash", "dump", "defect")]
    return "reanalyze " + (", ".join(f"{noun} {value}" for noun, value in named if value is not None) or "nothing")


def find(*, crash_id: int | None, dump_id: int | None, defect_id: int | None) -> Asked:
    """
    Find the crashes that one id stands for. A dump that could not be read is put back into the queue.

    Raises:
        NotFoundError: none or several ids are given, or there is nothing of this id.
    """
    given = {"crash_id": crash_id, "dump_id": dump_id, "defect_id": defect_id}
    named = [(name, value) for name, value in given.items() if value is not None]
    if len(named) != 1:
        what = " and ".join(name for name, _ in named) or "none of them"
        raise NotFoundError(f"Name exactly one of crash_id, dump_id and defect_id; {what} was given.")
    name, identifier = named[0]
    with workspace().database.transaction() as session:
        finders = {"crash_id": _of_crash, "dump_id": _of_dump, "defect_id": _of_defect}
        asked = finders[name](session, identifier) if 0 < identifier <= _LARGEST_ID else None
    if asked is None:
        raise NotFoundError(f"There is no {name.removesuffix('_id')} {identifier}.")
    return asked


def chunks(crash_ids: Sequence[int]) -> Iterator[list[int]]:
    """Cut many crashes into portions of one task each."""
    for begin in range(0, len(crash_ids), CHUNK):
        yield list(crash_ids[begin : begin + CHUNK])


@task(name="read again")
def read_again(crash_ids: list[int]) -> list[ReadAgain]:
    """Read each crash from its dump where that is still the file that was read, and from its row otherwise."""
    return _read_rows(workspace(), crash_ids)


@task(name="place again", retries=2, retry_delay_seconds=1)
def place_again(found: list[ReadAgain]) -> list[int]:
    """Store each crash as it is understood today, one transaction a crash; return the ids of those that changed."""
    return _place_rows(workspace(), found)


def _of_crash(session: Session, crash_id: int) -> Asked | None:
    return Asked(crash_ids=(crash_id,)) if crashes.get(session, crash_id) else None


def _of_dump(session: Session, dump_id: int) -> Asked | None:
    dump = dumps.get(session, dump_id)
    if dump is None:
        return None
    rows = crashes.of_dump(session, dump_id) or crashes.of_capture(session, dump)
    if dump.state == "FAILED" and not rows:
        dump.attempts = 0
        transitions.move(
            session, dump, "CRASH_DETECTED", reason="a reanalysis was asked for", flow_run_id=runs.flow_run_id()
        )
    return Asked(crash_ids=tuple(row.id for row in rows), is_unread=not rows and dump.state != "PARSED")


def _of_defect(session: Session, defect_id: int) -> Asked | None:
    defect = defects.get(session, defect_id)
    if defect is None:
        return None
    # The crash that the defect was learned from comes first: it takes the defect's shape to where the others then go.
    query = select(models.Crash.id).where(models.Crash.defect_id == defect.id)
    ids = session.exec(query.order_by((col(models.Crash.id) != defect.exemplar_id), col(models.Crash.id))).all()
    return Asked(crash_ids=tuple(ids))


def _read_rows(room: Workspace, crash_ids: list[int]) -> list[ReadAgain]:
    with room.database.transaction() as session:
        rows = [row for crash_id in crash_ids if (row := crashes.get(session, crash_id))]
        dump_rows = {dump.id: dump for row in rows if (dump := dumps.get(session, row.dump_id))}
        names = {dump.id: servers.name_of(session, dump.server_id) for dump in dump_rows.values()}
    readings = {dump.id: _read(room, dump, names[dump.id]) for dump in dump_rows.values()}
    return [_again(row, readings[row.dump_id]) for row in rows]


def _place_rows(room: Workspace, found: list[ReadAgain]) -> list[int]:
    with room.database.transaction() as session:
        known = patterns.newest(session)
    changed = []
    for again in found:
        with room.database.transaction() as session:
            if _store(session, room, again, known):
                changed.append(again.crash_id)
                print(f"crash {again.crash_id} changed")  # noqa: T201  Prefect logs it
    return changed


def _read(room: Workspace, dump: models.Dump, server_name: str) -> Reading | None:
    server = room.server(server_name)
    settings = DebuggerSettings(
        executable=server.executable,
        symbols=server.symbols,
        timeout_s=room.settings.configuration.debugger_timeout_s,
    )
    path = Path(dump.path)
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != dump.sha256:
                return None
        return reading.read(path, settings, captured_at=dump.captured_at)
    except (OSError, DumpError, ToolMissingError):
        return None


def _again(row: models.Crash, found: Reading | None) -> ReadAgain:
    stored = crashes.value(row)
    for index, crash in enumerate(found.crashes if found else ()):
        assert found is not None
        if hashlib.sha256(f"{found.sha256}:{index}".encode()).hexdigest() == row.report_hash and crash.frames:
            return ReadAgain(crash_id=row.id, crash=_completed(crash, stored), reason=FROM_DUMP)
    return ReadAgain(crash_id=row.id, crash=stored, reason=FROM_ROW)


def _completed(crash: Crash, stored: Crash) -> Crash:
    """Keep what another file of the capture told of this crash, and its own dump does not."""
    ours, theirs = crash.exception, stored.exception
    exception = replace(
        ours,
        kind=theirs.kind if ours.kind == "unknown" else ours.kind,
        code=ours.code or theirs.code,
        signal=ours.signal or theirs.signal,
        message=ours.message or theirs.message,
    )
    return replace(
        crash,
        exception=exception,
        build=crash.build or stored.build,
        executable=crash.executable or stored.executable,
        command_line=crash.command_line or stored.command_line,
    )


def _store(session: Session, room: Workspace, again: ReadAgain, known: dict[int, Pattern]) -> bool:
    row = session.get(models.Crash, again.crash_id, with_for_update=True)
    if row is None:
        return False
    run = runs.flow_run_id()
    understood = reading.understand(again.crash, room.lists, reading.pattern_index(tuple(known.values())))
    is_from_dump = again.reason == FROM_DUMP
    server = room.server(servers.name_of(session, row.server_id))
    stated = server_logs.moment_of(again.crash, server) if is_from_dump else None
    # Without a time of its own the time of its file was taken, and holds.
    occurred_at = stated or row.occurred_at
    window = server_logs.window_of(dumps.tails(session, row.dump_id), server, occurred_at)
    sighting = Sighting(
        signature=understood.signature.signature,
        shape=matching.shape(understood.signature),
        keys=matching.keys(again.crash, understood.signature),
        occurred_at=occurred_at,
        build=again.crash.build,
    )
    facts = CrashFacts(
        server_id=row.server_id,
        dump_id=row.dump_id,
        capture=row.capture,
        report_hash=row.report_hash,
        occurred_at=occurred_at,
        crash=replace(again.crash, notes=_parse_notes(again.crash, understood)),
        signature=understood.signature,
        assessment=understood.assessment,
        placement=revisions.place(session, row, sighting, run),
        log_window=window or row.log_window,
    )
    before = revisions.replace(session, row, facts, is_stack_new=is_from_dump)
    if understood.match is not None:
        matched = understood.match.pattern
        pattern_id = next(identifier for identifier, pattern in known.items() if pattern == matched)
        crashes.add_match(session, row.id, pattern_id, understood.match)
        defects.adopt_pattern(session, row.id, pattern_id)
        session.flush()
    return revisions.record(session, row, before, again.reason, run)


def _parse_notes(crash: Crash, understood: Understanding) -> tuple[str, ...]:
    """Return what the parser noted: a stored crash also holds what was concluded, which is concluded anew."""
    concluded = {*understood.signature.notes, *understood.assessment.reasons}
    notes = (note for note in crash.notes if note not in concluded and not note.startswith(_CONCLUSIONS))
    return tuple(notes)[:NOTES_LIMIT]
