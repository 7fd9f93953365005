"""
Reading claimed dumps and telling of each crash what is stored, but for its place: the work that needs no database.

Used by ingest in its own process, and by the processes that ``readers`` keeps for a long backlog.
"""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from db import crash_rows
from db.crash_rows import ToldCrash
from db.crashes import CrashFacts
from db.defects import Sighting
from tasks.core import captures, crash_json, matching
from tasks.core.configuration import ServerSettings
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, ToolMissingError
from tasks.core.frames import StackLists
from tasks.core.matching import PatternIndex, Placement
from tasks.core.signature import SignatureResult
from tasks.steps import reading, server_logs
from tasks.steps.reading import DebuggerSettings, Reading

NOTES_LIMIT = 50
_SEEN_LIMIT = 10_000


@dataclass(frozen=True, kw_only=True)
class ClaimedDump:
    """A dump under our lease; ``earlier`` are id and size of the last dumps of the same path."""

    dump_id: int
    server_id: int
    server: str
    path: str
    captured_at: datetime
    earlier: tuple[tuple[int, int], ...] = ()

    @property
    def capture(self) -> str:
        """The stem that the files of one crash share."""
        return captures.capture_of(self.path)


@dataclass(frozen=True, kw_only=True)
class ReadDump:
    """
    A claimed dump with what it holds, or with the reason why it can't be read.

    ``beginnings`` are hashes of the file's first bytes, by the id of each earlier dump of the same path, newest first.
    ``told`` are its crashes ready to be stored, where they were told already; then ``reading`` may lack its crashes.
    """

    dump: ClaimedDump
    reading: Reading | None = None
    error: str | None = None
    beginnings: Mapping[int, str] = field(default_factory=dict)
    told: tuple[ToldCrash, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What crashes are named and matched with."""

    lists: StackLists
    patterns: PatternIndex


def read(dump: ClaimedDump, settings: DebuggerSettings) -> ReadDump:
    """Read one dump; what can't be read carries its reason and stops nobody."""
    try:
        path = Path(dump.path)
        found = reading.read(path, settings, captured_at=dump.captured_at)
        beginnings = {identifier: reading.hash_of_beginning(path, size) for identifier, size in dump.earlier}
        return ReadDump(dump=dump, reading=found, beginnings=beginnings)
    except (DumpError, ToolMissingError) as error:
        return ReadDump(dump=dump, error=str(error))


def tell(read: ReadDump, knowledge: Knowledge, server: ServerSettings) -> tuple[ToldCrash, ...]:
    """Tell of each crash of a dump what is stored, but for its place."""
    assert read.reading is not None
    told = []
    for index, crash in enumerate(read.reading.crashes):
        understood = reading.understand(crash, knowledge.lists, knowledge.patterns)
        occurred_at = server_logs.moment_of(crash, server) or read.dump.captured_at
        facts = CrashFacts(
            server_id=read.dump.server_id,
            dump_id=read.dump.dump_id,
            capture=read.dump.capture,
            report_hash=report_hash(read.reading.sha256, index),
            occurred_at=occurred_at,
            crash=replace(crash, notes=crash.notes[:NOTES_LIMIT]),
            signature=understood.signature,
            assessment=understood.assessment,
            placement=Placement(how="new"),
            log_window=None,
        )
        told.append(crash_rows.tell(facts, sighting(crash, understood.signature, occurred_at), understood.match))
    return tuple(told)


def with_threads(told: Sequence[ToldCrash], crashes: Sequence[Crash]) -> tuple[ToldCrash, ...]:
    """Pack the other threads of crashes whose like this process has not seen yet: their defect may be new."""
    return tuple(
        replace(each, other_threads=crash_json.pack_threads(crash), has_threads=True)
        if _is_first(each.sighting.keys)
        else each
        for each, crash in zip(told, crashes, strict=True)
    )


def sighting(crash: Crash, name: SignatureResult, occurred_at: datetime) -> Sighting:
    """Return a crash from the point of view of its defect."""
    return Sighting(
        signature=name.signature,
        shape=matching.shape(name),
        keys=matching.keys(crash, name),
        occurred_at=occurred_at,
        build=crash.build,
    )


def report_hash(sha256: str, index: int) -> str:
    """Return what tells a crash from all others of its capture: the dump, and which of its crashes it is."""
    return hashlib.sha256(f"{sha256}:{index}".encode()).hexdigest()


def _is_first(keys: tuple[matching.DefectKey, ...]) -> bool:
    before = _noted.cache_info().misses
    _noted(keys)
    return _noted.cache_info().misses > before


@functools.lru_cache(maxsize=_SEEN_LIMIT)
def _noted(keys: tuple[matching.DefectKey, ...]) -> None:
    """Remember that crashes with these keys were seen."""
