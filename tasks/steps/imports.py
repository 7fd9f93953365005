"""
Importing history: old reports and records become crashes of defects at their own times, and start no fixes.

Crashes are placed as ingest places them, a lot in one transaction in which their dumps are recorded too: a killed
import leaves nothing that waits, and goes on where it stopped when it is run again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from db import defects, imports, placing, servers
from db.imports import DefectCounts, KnownCrash
from tasks.core import captures, crash_database
from tasks.core.grouping import Grouping
from tasks.steps import chunks, import_lots, ingest, learning, leases, readers, telling
from tasks.steps.import_lots import Found, Lot, Target
from tasks.steps.import_sources import Refusal, Sources
from tasks.steps.telling import Knowledge
from tasks.steps.workspace import Workspace

_Names = dict[str, KnownCrash]
_Content = tuple[str, str]
_TELLING = frozenset({"text", crash_database.KIND})
"""Kinds of files that tell of a crash all that a record could; a dump lacks the stack that the record may have."""


@dataclass(kw_only=True)
class Tally:
    """What came of files, or of records."""

    imported: int = 0
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


@dataclass(kw_only=True)
class ImportResult:
    """What came of an import, or of a rehearsal what would have come."""

    files: Tally
    records: Tally
    remarks: tuple[str, ...]
    crashes: int = 0
    defects: DefectCounts | None = None


class Keeper(Protocol):
    """Takes what was read, lot by lot."""

    def keep(self, found: Sequence[Found]) -> list[Found]:
        """Take in what is new of it, and return that."""
        ...

    def count(self) -> tuple[int, DefectCounts]:
        """Return how many crashes were new, and their defects."""
        ...


def run(room: Workspace, server: str, sources: Sources, tell: Callable[[int], None]) -> ImportResult:
    """Import everything; ``tell`` hears how many more files and records are done."""
    with room.database.transaction() as session:
        target = Target(room=room, server=server, server_id=servers.ensure(session, server))
    names = _known_names(target, sources)
    return _go(target, sources, (_Store(target, names), names), tell)


def rehearse(room: Workspace, server: str, sources: Sources, tell: Callable[[int], None]) -> ImportResult:
    """Say what an import would do, and store nothing."""
    with room.database.transaction() as session:
        target = Target(room=room, server=server, server_id=servers.find(session, server))
    names = _known_names(target, sources)
    return _go(target, sources, (_Rehearsal(target, names), names), tell)


def _known_names(target: Target, sources: Sources) -> _Names:
    paths = (*map(str, sources.files), *(old.record.path for old in sources.records))
    if target.server_id is None:
        return {}
    with target.room.database.transaction() as session:
        return imports.crashes_named(session, target.server_id, [crash_database.name_of(path) for path in paths])


def _go(target: Target, sources: Sources, keeping: tuple[Keeper, _Names], tell: Callable[[int], None]) -> ImportResult:
    """Reports come before records: where both tell of a crash, the report knows more."""
    keeper, names = keeping
    files = Tally(refused=list(sources.refused_files))
    records = Tally(known=sources.again, refused=list(sources.refused_records))
    read: set[str] = set()
    with readers.opened(target.room) as desk:
        for paths in import_lots.cut(sources.files):
            lot = import_lots.of_files(target, desk, paths)
            read.update(each.name for each in _keep(keeper, lot, files) if _is_text(each))
            tell(len(paths))
    names.update(_known_names(target, sources))
    told = read.union(name for name, known in names.items() if known.kinds & _TELLING)
    beside = {name: known.capture for name, known in names.items()}
    for old in import_lots.cut(sources.records):
        new = [each for each in old if crash_database.name_of(each.record.path) not in told]
        records.known += len(old) - len(new)
        _keep(keeper, import_lots.of_records(target, new, beside), records)
        tell(len(old))
    crashes, counts = keeper.count()
    return ImportResult(files=files, records=records, remarks=tuple(sources.remarks), crashes=crashes, defects=counts)


def _keep(keeper: Keeper, lot: Lot, tally: Tally) -> list[Found]:
    kept = keeper.keep(lot.found)
    unread = [each.read for each in kept if each.read.reading is None]
    tally.imported += len(kept) - len(unread)
    tally.known += lot.known + len(lot.found) - len(kept)
    tally.refused += [*lot.refused, *(Refusal(path=read.dump.path, reason=read.error or "unknown") for read in unread)]
    return kept


def _distinct(found: Iterable[Found], known: Iterable[_Content]) -> list[Found]:
    """
    Leave out files that were read before, here or in another folder, and copies among them.

    Equal bytes under another name are of another crash: a backtrace without times and addresses is the same each time.
    """
    new: list[Found] = []
    seen = set(known)
    for each in found:
        content = (each.read.reading.sha256, each.name) if each.read.reading else None
        if content is None:
            new.append(each)
        elif content not in seen:
            seen.add(content)
            new.append(each)
    return new


def _known_contents(session: Session, server_id: int, found: Sequence[Found]) -> set[_Content]:
    hashes = [each.read.reading.sha256 for each in found if each.read.reading]
    known = imports.known_contents(session, server_id, hashes)
    return {(sha256, crash_database.name_of(path)) for sha256, path in known}


class _Store:
    """Stores what is new."""

    def __init__(self, target: Target, names: _Names) -> None:
        assert target.server_id is not None
        self._room = target.room
        self._server_id = target.server_id
        self._names = names
        self._crash_ids: dict[int, None] = {}

    def keep(self, found: Sequence[Found]) -> list[Found]:
        kept, crash_ids = ingest.again_where_contended(lambda: self._store(found))
        earlier = {known.crash_id for known in self._names.values()}
        self._crash_ids |= dict.fromkeys(crash_id for crash_id in crash_ids if crash_id not in earlier)
        learning.sharpen_in(self._room, crash_ids)
        return kept

    def count(self) -> tuple[int, DefectCounts]:
        crash_ids = list(self._crash_ids)
        with self._room.database.transaction() as session:
            return len(crash_ids), imports.count_defects(session, crash_ids)

    def _store(self, found: Sequence[Found]) -> tuple[list[Found], list[int]]:
        with self._room.database.transaction() as session:
            # Two imports at once would each take the other's reports for new.
            placing.hold(session, [f"import {self._server_id}"], seed=2)
            new = _distinct(found, _known_contents(session, self._server_id, found))
            facts = {each.dump_id: each.facts for each in new}
            taken = imports.take(session, self._server_id, facts, leases.holder().process)
            mine = [each for each in new if each.dump_id in taken]
            for each in mine:
                self._adopt(session, each)
            crash_ids = chunks.store(session, self._room, [each.read for each in mine])
            for defect_id in imports.defects_of(session, crash_ids):
                defects.measure(session, defect_id)
            return mine, crash_ids

    def _adopt(self, session: Session, found: Found) -> None:
        """Let a report find the crash that a record of it brought before: it is the same one."""
        known = self._names.get(found.name)
        is_of_record = known is not None and known.kinds & _TELLING == {crash_database.KIND}
        if known is not None and is_of_record and known.capture != found.read.dump.capture:
            imports.move_capture(session, known.crash_id, found.read.dump.capture)


class _Rehearsal:
    """Places what is new in memory."""

    def __init__(self, target: Target, names: _Names) -> None:
        self._target = target
        self._counted = {
            name for name, known in names.items() if captures.has_own_time(name) or crash_database.KIND in known.kinds
        }
        self._contents: set[_Content] = set()
        self._grouping = Grouping()
        self._new: set[int] = set()
        self._known: set[int] = set()
        self._without_place = 0
        self._times: list[datetime] = []

    def keep(self, found: Sequence[Found]) -> list[Found]:
        room, server_id = self._target.room, self._target.server_id
        with room.database.transaction() as session:
            known = _known_contents(session, server_id, found) if server_id is not None else set()
            new = _distinct(found, known | self._contents)
            self._contents.update((each.read.reading.sha256, each.name) for each in new if each.read.reading)
            knowledge = Knowledge(lists=room.lists, patterns=chunks.known_patterns(session).index)
            named = {each.name: each.read for each in reversed(new) if each.read.reading}
            fresh = {name: read for name, read in named.items() if name not in self._counted}
            self._counted |= fresh.keys()
            told = [
                crash
                for each in fresh.values()
                for crash in (each.told or telling.tell(each, knowledge, room.server(self._target.server)))
            ]
            sightings = [crash.sighting for crash in told]
            placements = placing.find_all(session, sightings)
        for sighting, placement in zip(sightings, placements, strict=True):
            self._times.append(sighting.occurred_at)
            if placement is None:
                self._new.add(self._grouping.place(sighting.shape, sighting.keys).defect_id or 0)
            elif placement.defect_id is None:
                self._without_place += 1
            else:
                self._known.add(placement.defect_id)
        return new

    def count(self) -> tuple[int, DefectCounts]:
        times = self._times
        return len(times), DefectCounts(
            new=len(self._new),
            known=len(self._known),
            without_place=self._without_place,
            first_seen=min(times, default=None),
            last_seen=max(times, default=None),
        )


def _is_text(found: Found) -> bool:
    return found.read.reading is not None and found.read.reading.kind == "text"
