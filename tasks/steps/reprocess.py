"""
Reprocessing: all stored crashes are understood again with the rules of today, in chunks, from their stored stacks.

Most of them are understood as before, and nothing is written for these. What people decided holds: a changed crash is
stored as reanalysis stores it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from prefect import task
from sqlmodel import Session

from db import crashes, models, patterns, reprocessing, revisions
from tasks.core import reprocess_report
from tasks.core.patterns import Pattern
from tasks.core.reprocess_report import Move
from tasks.core.signature import ALGORITHM
from tasks.steps import reading, reanalysis, runs
from tasks.steps.reading import Understanding
from tasks.steps.reanalysis import FROM_ROW, ReadAgain
from tasks.steps.workspace import Workspace, workspace

CHUNK = 1000


@dataclass(frozen=True, kw_only=True)
class ChunkResult:
    """How many crashes of a chunk were seen, and the ids of those that changed and, of these, that moved."""

    seen: int
    changed: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """Crashes that would change, by defect and name to come: one that stands for them, and how many they are."""

    seen: int = 0
    groups: dict[tuple[int | None, str], list[int]] = field(default_factory=dict)


@task(name="begin")
def begin() -> int:
    """Go on with the run that did not come to its end, or begin one; return its id."""
    room = workspace()
    with room.database.transaction() as session:
        run = reprocessing.begin(session, rules(room, patterns.newest(session)), runs.flow_run_id())
        if run.last_crash_id:
            print(f"goes on after crash {run.last_crash_id} of {run.until_crash_id}")  # noqa: T201  Prefect logs it
        return run.id


@task(name="understand again", retries=2, retry_delay_seconds=1)
def next_chunk(run_id: int) -> ChunkResult:
    """Read the next crashes of a run again and store those that changed."""
    return chunk_in(workspace(), run_id)


@task(name="rehearse")
def rehearse() -> str:
    """Say what a run would change, as Markdown; nothing is written."""
    text = rehearse_in(workspace())
    runs.publish_report("reprocess-history", text, "What reprocess-history would change")
    return text


@task(name="finish")
def finish(run_id: int) -> str:
    """End a run, and say what came of it."""
    with workspace().database.transaction() as session:
        run = reprocessing.finish(session, run_id)
        text = (
            f"# Reprocessed {run.seen} crashes\n\n{run.changed} changed, of which {run.moved} went to another defect;"
            f" the rules were `{run.rules}`. What changed stands in the table `crash_revision`.\n"
        )
    runs.publish_report("reprocess-history", text, "What reprocess-history changed")
    return text


def rules(room: Workspace, known: dict[int, Pattern]) -> str:
    """Return what names the rules of today: the algorithm, and a hash of stack lists and patterns."""
    told = repr((room.lists, sorted((pattern.slug, pattern.version) for pattern in known.values())))
    return f"{ALGORITHM}/{hashlib.sha256(told.encode()).hexdigest()[:10]}"


def chunk_in(room: Workspace, run_id: int, limit: int = CHUNK) -> ChunkResult:
    """Read the next crashes of a run again in a given installation; one transaction for each that changed."""
    with room.database.transaction() as session:
        run = reprocessing.get(session, run_id)
        known = patterns.newest(session)
        rows = reprocessing.rows_after(session, run.last_crash_id, run.until_crash_id, limit)
        suspects = _changed(session, room, rows, known)
    if not rows:
        return ChunkResult(seen=0)
    changed, moved = [], []
    for row, _ in suspects:
        with room.database.transaction() as session:
            if reanalysis.store_again(session, room, _from_row(row), known):
                changed.append(row.id)
                now = crashes.get(session, row.id)
                if now is not None and now.defect_id != row.defect_id:
                    moved.append(row.id)
    with room.database.transaction() as session:
        reprocessing.advance(session, run_id, rows[-1].id, (len(rows), len(changed), len(moved)))
    return ChunkResult(seen=len(rows), changed=tuple(changed), moved=tuple(moved))


def rehearse_in(room: Workspace) -> str:
    """Say what a run would change in a given installation."""
    groups: dict[tuple[int | None, str], list[int]] = defaultdict(lambda: [0, 0])
    seen = last = 0
    with room.database.transaction() as session:
        known = patterns.newest(session)
    while True:
        with room.database.transaction() as session:
            rows = reprocessing.rows_after(session, last, 2**62, CHUNK)
            suspects = _changed(session, room, rows, known)
        if not rows:
            break
        seen, last = seen + len(rows), rows[-1].id
        for row, understood in suspects:
            group = groups[row.defect_id, understood.signature.fingerprint or understood.signature.signature]
            group[0], group[1] = group[0] or row.id, group[1] + 1
    rehearsal = Rehearsal(seen=seen, groups=dict(groups))
    return reprocess_report.render(_moves(room, rehearsal, known), seen, rules(room, known))


def _changed(
    session: Session, room: Workspace, rows: Sequence[models.Crash], known: dict[int, Pattern]
) -> list[tuple[models.Crash, Understanding]]:
    """Return the crashes that are understood otherwise than they are stored."""
    index = reading.pattern_index(tuple(known.values()))
    matched = reprocessing.matches_of(session, [row.id for row in rows])
    found = []
    for row in rows:
        understood = reading.understand(crashes.value(row), room.lists, index)
        pattern = known.get(matched[row.id]) if row.id in matched else None
        is_same_match = (understood.match.pattern if understood.match else None) == pattern
        is_outdated = row.id in matched and pattern is None
        if (
            is_outdated
            or not is_same_match
            or not revisions.is_as_stored(row, understood.signature, understood.assessment)
        ):
            found.append((row, understood))
    return found


def _from_row(row: models.Crash) -> ReadAgain:
    return ReadAgain(crash_id=row.id, crash=crashes.value(row), reason=FROM_ROW)


def _moves(room: Workspace, rehearsal: Rehearsal, known: dict[int, Pattern]) -> list[Move]:
    """Store one crash of each group for a moment, defect by defect, and undo it: it is the real thing."""
    by_defect: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
    for (defect_id, _), (crash_id, count) in rehearsal.groups.items():
        by_defect[defect_id].append((crash_id, count))
    moves = []
    for members in by_defect.values():
        with room.database.transaction() as session:
            highest = session.connection().exec_driver_sql("SELECT coalesce(max(id), 0) FROM defect").scalar_one()
            for crash_id, count in sorted(members):
                moves += _move(session, room, (crash_id, count, highest), known)
            session.rollback()
    return moves


def _move(session: Session, room: Workspace, what: tuple[int, int, int], known: dict[int, Pattern]) -> list[Move]:
    crash_id, count, highest = what
    row = crashes.get(session, crash_id)
    if row is None:
        return []
    source, before = row.defect_id, row.signature
    if not reanalysis.store_again(session, room, _from_row(row), known):
        return []
    now = crashes.get(session, crash_id)
    assert now is not None
    is_new = now.defect_id is not None and now.defect_id > highest
    return [Move(source=source, target=now.defect_id, crashes=count, before=before, after=now.signature, is_new=is_new)]
