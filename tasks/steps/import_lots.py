"""
The lots of an import: so many files or records as one transaction stores, read and under the ids that they will have.

Nothing is stored here but what drawing ids leaves: a gap in their numbers.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from db import copying, imports
from db.dumps import DumpFacts
from tasks.core import crash_database
from tasks.core.errors import NotFoundError
from tasks.steps import detection, server_logs
from tasks.steps.import_sources import OldRecord, Refusal
from tasks.steps.ingest import CHUNK
from tasks.steps.readers import Desk
from tasks.steps.reading import Reading
from tasks.steps.telling import ClaimedDump, ReadDump
from tasks.steps.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where an import goes: an installation and one of its servers, without an id where it is not stored yet."""

    room: Workspace
    server: str
    server_id: int | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """One file or record that was read."""

    facts: DumpFacts
    read: ReadDump

    @property
    def dump_id(self) -> int:
        """The id that its row will have."""
        return self.read.dump.dump_id

    @property
    def name(self) -> str:
        """The name that its capture has in whatever folder."""
        return crash_database.name_of(self.read.dump.path)


@dataclass(kw_only=True)
class Lot:
    """Files or records that are new as far as their paths tell; of the others how many are known, and what fails."""

    found: list[Found] = field(default_factory=list)
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


def cut(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut many files or records into lots."""
    return (things[start : start + CHUNK] for start in range(0, len(things), CHUNK))


def of_files(target: Target, desk: Desk, paths: Sequence[Path]) -> Lot:
    """Read the files that were never recorded; those that were refused before are refused as then."""
    lot = Lot()
    facts = []
    for path in paths:
        try:
            facts.append(detection.facts_at(path))
        except NotFoundError as error:
            lot.refused.append(Refusal(path=str(path), reason=str(error)))
    with target.room.database.transaction() as session:
        known = imports.known_files(session, target.server_id, facts) if target.server_id is not None else {}
        new = [each for each in dict.fromkeys(facts) if each not in known]
        ids = copying.draw_ids(session, "dump", len(new))
    failed = {facts: each for facts, each in known.items() if each.state == "FAILED"}
    lot.refused += [Refusal(path=facts.path, reason=each.error or "unknown") for facts, each in failed.items()]
    lot.known = len(facts) - len(new) - len(failed)
    claimed = [_claimed(target, identifier, each) for identifier, each in zip(ids, new, strict=True)]
    read = desk.end(desk.begin(claimed))
    lot.found = [Found(facts=each, read=told) for each, told in zip(new, read, strict=True)]
    return lot


def of_records(target: Target, records: Sequence[OldRecord], captures: Mapping[str, str]) -> Lot:
    """
    Take records as files of which each holds one crash; their hash is that of what they are told apart by.

    ``captures`` are those of known dumps, by name: a record of one of them lies beside it.
    """
    with target.room.database.transaction() as session:
        ids = copying.draw_ids(session, "dump", len(records))
    server = target.room.server(target.server)
    lot = Lot()
    for identifier, old in zip(ids, records, strict=True):
        crash = old.record.crash
        at = server_logs.moment_of(crash, server) or old.changed_at
        capture = captures.get(crash_database.name_of(old.record.path))
        path = f"{capture}.txt" if capture else old.record.path
        facts = DumpFacts(path=path, inode=0, size=0, captured_at=at)
        digest = hashlib.sha256(old.record.path.encode("utf-8", errors="replace")).hexdigest()
        reading = Reading(kind=crash_database.KIND, sha256=digest, crashes=(crash,))
        lot.found.append(Found(facts=facts, read=ReadDump(dump=_claimed(target, identifier, facts), reading=reading)))
    return lot


def _claimed(target: Target, identifier: int, facts: DumpFacts) -> ClaimedDump:
    return ClaimedDump(
        dump_id=identifier,
        server_id=target.server_id or 0,
        server=target.server,
        path=facts.path,
        captured_at=facts.captured_at,
    )
