"""Ingest: dumps that wait become crashes of defects. The rows come from detection, triage comes after."""

from prefect import task

from db import crashes, dumps, placing, session
from tasks.steps import chunks, runs, telling
from tasks.steps.telling import ClaimedDump, ReadDump
from tasks.steps.workspace import Workspace, workspace

CHUNK = 200
"""Dumps of one transaction: large enough that its fixed costs vanish, small enough that nobody waits long for it."""

_TRIES = 5


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
    with room.database.transaction() as transaction:
        claims = dumps.claim(transaction, CHUNK, runs.flow_run_id())
        earlier = dumps.earlier(transaction, claims)
        return [
            ClaimedDump(
                dump_id=claim.dump_id,
                server_id=claim.server_id,
                server=claim.server,
                path=claim.path,
                captured_at=claim.captured_at,
                earlier=earlier.get(claim.dump_id, ()),
            )
            for claim in claims
        ]


def place_in(room: Workspace, found: list[ReadDump]) -> list[int]:
    """
    Store the crashes of a chunk in a given installation.

    Where another process was in the way it is done again: both may have learned the same defect, or waited for each
    other.
    """
    for _ in range(_TRIES - 1):
        try:
            return _place_once(room, found)
        except (placing.LostRaceError, *session.CONTENDED) as error:
            if not session.is_contention(error):
                raise
    return _place_once(room, found)


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
