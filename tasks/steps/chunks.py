"""
Placing the crashes of a chunk of dumps in one transaction, with a number of queries that does not grow with the chunk.

Dumps that came alone, nearly all of a storm, are placed together. A dump whose capture has another file, or a crash
already, is stored by itself, as it may be told by both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlmodel import Session

from db import copying, crash_rows, crashes, dumps, patterns, placing
from db.crash_rows import PlacedCrash, ToldCrash
from db.placing import Arrival
from tasks.core import crash_json
from tasks.core.matching import Placement
from tasks.steps import leases, reading, runs, server_logs, storing, telling
from tasks.steps.reading import DebuggerSettings
from tasks.steps.storing import FoundCrash, KnownPatterns
from tasks.steps.telling import Knowledge, ReadDump
from tasks.steps.workspace import Workspace

_Minute = tuple[int, int, datetime]
_Found = tuple["_Told", int, ToldCrash]
_NO_WINDOW = "log window: it is kept with another crash of this defect in the same minute"
_TOO_MANY_WINDOWS = "log window: left out, as too many crashes came at once"
_WINDOWS = 20
"""Windows of one chunk: each costs as much as twenty crashes, and the places of the chunk are locked meanwhile."""


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A dump with its crashes ready to be stored; ``is_alone`` says that no other file tells of them."""

    read: ReadDump
    crashes: tuple[ToldCrash, ...]
    is_alone: bool


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """What storing a chunk needs at hand."""

    session: Session
    room: Workspace
    known: KnownPatterns


def debugger_settings(room: Workspace, server: str) -> DebuggerSettings:
    """Return with what the cores of a server are read."""
    settings = room.server(server)
    return DebuggerSettings(
        executable=settings.executable,
        symbols=settings.symbols,
        timeout_s=room.settings.configuration.debugger_timeout_s,
    )


def store(session: Session, room: Workspace, found: Sequence[ReadDump]) -> list[int]:
    """
    Store the crashes of dumps that were read; the ids of those that are new or were placed anew.

    Raises:
        LostRaceError: another process learned a defect of ours meanwhile; the transaction is to be done again.
    """
    crashes.lock_captures(session, ((read.dump.server, read.dump.path) for read in found))
    waiting = dumps.held(session, [read.dump.dump_id for read in found], leases.holder().process)
    mine = sorted((read for read in found if read.dump.dump_id in waiting), key=lambda read: read.dump.dump_id)
    failed = {read.dump.dump_id: read.error or "unknown" for read in mine if read.reading is None}
    dumps.fail_all(session, failed, runs.flow_run_id())
    bench = _Bench(session=session, room=room, known=known_patterns(session))
    told = _tell_all(bench, [read for read in mine if read.reading is not None])
    _note_contents(session, told)
    placing.lock(session, (crash.sighting for each in told for crash in each.crashes))
    stored: dict[int, list[int]] = {}
    for is_alone, group in groupby(told, key=lambda each: each.is_alone):
        for each, identifiers in _store_alone(bench, list(group)) if is_alone else _store_joined(bench, list(group)):
            stored[each.read.dump.dump_id] = identifiers
    reasons = {each.read.dump.dump_id: _reason(each, stored[each.read.dump.dump_id]) for each in told}
    dumps.finish_all(session, reasons, runs.flow_run_id())
    return list(dict.fromkeys(identifier for identifiers in stored.values() for identifier in identifiers))


def known_patterns(session: Session) -> KnownPatterns:
    """Return the newest patterns, compiled once for as long as they stay the same."""
    newest = patterns.newest(session)
    return KnownPatterns(
        index=reading.pattern_index(tuple(newest.values())),
        by_slug={pattern.slug: identifier for identifier, pattern in newest.items()},
    )


def _tell_all(bench: _Bench, found: Sequence[ReadDump]) -> list[_Told]:
    places = [(read.dump.server_id, read.dump.capture) for read in found]
    known = crashes.known_captures(bench.session, places)
    knowledge = Knowledge(lists=bench.room.lists, patterns=bench.known.index)
    told = []
    for read, place in zip(found, places, strict=True):
        is_alone = place not in known and places.count(place) == 1
        whole = read if is_alone or not _is_stripped(read) else _read_again(bench.room, read)
        ready = (
            whole.told
            if whole.told is not None
            else telling.tell(whole, knowledge, bench.room.server(read.dump.server))
        )
        told.append(_Told(read=whole, crashes=ready, is_alone=is_alone))
    return told


def _is_stripped(read: ReadDump) -> bool:
    return read.reading is not None and read.told is not None and len(read.reading.crashes) < len(read.told)


def _read_again(room: Workspace, read: ReadDump) -> ReadDump:
    """Read a text whose crashes another process has kept to itself; where it is gone, what was told must do."""
    again = telling.read(read.dump, debugger_settings(room, read.dump.server))
    return again if again.reading is not None else read


def _note_contents(session: Session, told: Sequence[_Told]) -> None:
    contents = {
        each.read.dump.dump_id: (each.read.reading.kind, each.read.reading.sha256)
        for each in told
        if each.read.reading is not None
    }
    dumps.note_content(session, contents)


def _store_joined(bench: _Bench, group: Sequence[_Told]) -> list[tuple[_Told, list[int]]]:
    return [(each, _store_one(bench, each.read)) for each in group]


def _store_one(bench: _Bench, read: ReadDump) -> list[int]:
    row = dumps.get(bench.session, read.dump.dump_id)
    assert row is not None
    assert read.reading is not None
    bench.session.refresh(row)
    stored = []
    for index in range(len(read.reading.crashes)):
        found = FoundCrash(dump=row, index=index, siblings=read.reading.crashes, beginnings=read.beginnings)
        identifier = storing.store(bench.session, bench.room, found, bench.known)
        if identifier is not None:
            stored.append(identifier)
    return stored


def _store_alone(bench: _Bench, group: Sequence[_Told]) -> list[tuple[_Told, list[int]]]:
    found = [(each, index, crash) for each in group for index, crash in enumerate(each.crashes)]
    identifiers = copying.draw_ids(bench.session, "crash", len(found))
    arrivals = [
        Arrival(crash_id=identifier, sighting=crash.sighting, pattern_id=_pattern_id(bench, crash))
        for identifier, (_, _, crash) in zip(identifiers, found, strict=True)
    ]
    placements = placing.place_all(bench.session, arrivals, runs.flow_run_id())
    windows = _windows(bench, found, placements)
    placed = []
    for arrival, (each, index, crash), placement, (window, remarks) in zip(
        arrivals, found, placements, windows, strict=True
    ):
        placed.append(
            PlacedCrash(
                crash_id=arrival.crash_id,
                told=crash,
                placement=placement,
                pattern_id=arrival.pattern_id,
                other_threads=_other_threads(bench.room, each.read, index) if placement.how == "new" else None,
                log_window=window,
                remarks=remarks,
            )
        )
    crash_rows.store(bench.session, placed)
    placing.count(bench.session, arrivals, placements)
    stored: dict[int, list[int]] = {each.read.dump.dump_id: [] for each in group}
    for arrival, (each, _, _) in zip(arrivals, found, strict=True):
        stored[each.read.dump.dump_id].append(arrival.crash_id)
    return [(each, stored[each.read.dump.dump_id]) for each in group]


def _pattern_id(bench: _Bench, crash: ToldCrash) -> int | None:
    return bench.known.by_slug.get(crash.match.slug) if crash.match else None


def _other_threads(room: Workspace, read: ReadDump, index: int) -> bytes | None:
    told = read.told[index] if read.told else None
    if told and told.has_threads:
        return told.other_threads
    whole = _read_again(room, read) if _is_stripped(read) else read
    found = whole.reading.crashes if whole.reading else ()
    return crash_json.pack_threads(found[index]) if index < len(found) else None


def _windows(
    bench: _Bench, found: Sequence[_Found], placements: Sequence[Placement]
) -> list[tuple[dict[str, Any] | None, tuple[str, ...]]]:
    """
    Return the log window of each crash that gets one, and the remark on each that gets none although there is a log.

    In a storm the crashes of a defect have the same minute of the same log before them, a megabyte to be read for each:
    the first has it. Crashes of one second share one.
    """
    session = bench.session
    names = dumps.tail_names(session, [each.read.dump.dump_id for each, _, _ in found])
    minutes = [_minute(each, crash, placement) for (each, _, crash), placement in zip(found, placements, strict=True)]
    seen = crash_rows.with_windows(session, (minute for minute in minutes if minute[0]) if names else ())
    known: dict[tuple[str, datetime], dict[str, Any] | None] = {}
    chosen: list[tuple[dict[str, Any] | None, tuple[str, ...]]] = []
    for (each, _, crash), minute in zip(found, minutes, strict=True):
        dump_id, at = each.read.dump.dump_id, crash.sighting.occurred_at
        key = (names.get(dump_id, ""), at)
        if not key[0]:
            chosen.append((None, ()))
        elif minute in seen:
            chosen.append((None, (_NO_WINDOW,)))
        elif key not in known and len(known) == _WINDOWS:
            chosen.append((None, (_TOO_MANY_WINDOWS,)))
        else:
            if key not in known:
                server = bench.room.server(each.read.dump.server)
                known[key] = server_logs.window_of(dumps.tails(session, dump_id), server, at)
            chosen.append((known[key], ()))
            seen |= {minute} if minute[0] else set()
    return chosen


def _minute(each: _Told, crash: ToldCrash, placement: Placement) -> _Minute:
    at = crash.sighting.occurred_at.replace(second=0, microsecond=0)
    return placement.defect_id or 0, each.read.dump.server_id, at


def _reason(each: _Told, stored: Sequence[int]) -> str:
    total = len(each.crashes)
    return f"{total} {'crash' if total == 1 else 'crashes'}, {len(stored)} new"
