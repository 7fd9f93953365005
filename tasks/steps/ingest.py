"""Ingest: dumps that wait become crashes of defects. The rows come from detection, triage comes after."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE

from db import crashes, dumps, placing, session
from tasks.steps import chunks, leases, readers, runs, telling
from tasks.steps.readers import Batch, Desk
from tasks.steps.telling import ClaimedDump, ReadDump
from tasks.steps.workspace import Workspace, workspace

CHUNK = 200
"""Dumps of one transaction: large enough that its fixed costs vanish, small enough that nobody waits long for it."""

_TRIES = 5

T = TypeVar("T")


class ReadBatch:
    """The dumps of a batch with what they hold. No dataclass, as ``Batch`` is none."""

    def __init__(self, dumps: list[ReadDump]) -> None:
        self.dumps = dumps


@task(name="claim", retries=2, retry_delay_seconds=1, cache_policy=NO_CACHE)
def claim_dumps(desk: Desk) -> Batch:
    """Take the next dumps that wait; where they are many, the desk begins to read them."""
    return desk.begin(claim_in(workspace()))


@task(name="parse", cache_policy=NO_CACHE)
def parse_dumps(desk: Desk, batch: Batch) -> ReadBatch:
    """Read each claimed dump; one that can't be read carries its reason and stops nobody."""
    return ReadBatch(desk.end(batch))


@task(name="place", retries=2, retry_delay_seconds=1, cache_policy=NO_CACHE)
def place_crashes(found: ReadBatch) -> list[int]:
    """Store the crashes of a chunk in one transaction; return the ids of those that are new or placed anew."""
    return place_in(workspace(), found.dumps)


def open_desk() -> contextlib.AbstractContextManager[Desk]:
    """Open the desk at which the dumps of a run are read."""
    return readers.opened(workspace())


def claim_in(room: Workspace) -> list[ClaimedDump]:
    """Take the next dumps that wait in a given installation."""
    with room.database.transaction() as transaction:
        claims = dumps.claim(transaction, CHUNK, runs.flow_run_id(), process=leases.holder().process)
        earlier = dumps.earlier(transaction, claims)
        return [
            ClaimedDump(
                dump_id=claim.id,
                server_id=claim.server_id,
                server=claim.server,
                path=claim.path,
                captured_at=claim.captured_at,
                earlier=earlier.get(claim.id, ()),
            )
            for claim in claims
        ]


def place_in(room: Workspace, found: list[ReadDump]) -> list[int]:
    """
    Store the crashes of a chunk in a given installation.

    Where another process was in the way it is done again: both may have learned the same defect, or waited for each
    other.
    """
    return again_where_contended(lambda: _place_once(room, found))


def again_where_contended(work: Callable[[], T]) -> T:
    """Do work of one transaction again where another process was in its way."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except (placing.LostRaceError, *session.CONTENDED) as error:
            if not session.is_contention(error):
                raise
    return work()


def _place_once(room: Workspace, found: list[ReadDump]) -> list[int]:
    with room.database.transaction() as transaction:
        return chunks.store(transaction, room, found)


def crashes_of_dumps(dump_ids: list[int]) -> list[int]:
    """Return the crashes that these dumps brought."""
    with workspace().database.transaction() as session:
        return [crash.id for dump_id in dump_ids for crash in crashes.of_dump(session, dump_id)]


def read_in(room: Workspace, dump: ClaimedDump) -> ReadDump:
    """Read one dump of a given installation."""
    return telling.read(dump, chunks.debugger_settings(room, dump.server))
