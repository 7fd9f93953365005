"""Dumps: recorded once, claimed under a lease, finished or failed with a reason."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db import transitions
from db.models import Dump, LogTail, Transition

LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class DumpFacts:
    """What the detection of a dump knows: where it is and what the file system says of it."""

    path: str
    inode: int
    size: int
    captured_at: datetime


@dataclass(frozen=True, kw_only=True)
class TailFacts:
    """The last bytes of a log as they were at the detection, or why there are none."""

    path: str
    content: bytes
    offset: int
    size: int
    inode: int
    modified_at: datetime | None
    is_cut: bool
    error: str | None


def record(session: Session, server_id: int, facts: DumpFacts, tails: Sequence[TailFacts]) -> int | None:
    """Record a new dump with its log tails; None where the same file was recorded before."""
    values = {
        "server_id": server_id,
        "path": facts.path,
        "inode": facts.inode,
        "size": facts.size,
        "captured_at": facts.captured_at,
        "state": "CRASH_DETECTED",
    }
    statement = insert(Dump).values(**values).on_conflict_do_nothing(constraint="dump_is_recorded_once")
    identifier: int | None = session.execute(statement.returning(col(Dump.id))).scalar_one_or_none()
    if identifier is None:
        return None
    session.add_all(_tail_row(identifier, tail) for tail in tails)
    session.add(Transition(entity="dump", entity_id=identifier, state_to="CRASH_DETECTED", reason="file found"))
    return identifier


def _tail_row(dump_id: int, tail: TailFacts) -> LogTail:
    return LogTail(
        dump_id=dump_id,
        path=tail.path,
        content=zlib.compress(tail.content, 6) if tail.content else None,
        file_offset=tail.offset,
        file_size=tail.size,
        inode=tail.inode,
        modified_at=tail.modified_at,
        is_cut=tail.is_cut,
        error=tail.error,
    )


def find(session: Session, server_id: int, facts: DumpFacts) -> Dump | None:
    """Return the row of this very file, if it was recorded."""
    query = select(Dump).where(
        Dump.server_id == server_id,
        Dump.path == facts.path,
        Dump.inode == facts.inode,
        Dump.size == facts.size,
        Dump.captured_at == facts.captured_at,
    )
    return session.exec(query).first()


def get(session: Session, dump_id: int) -> Dump | None:
    """Return a dump by its id."""
    return session.get(Dump, dump_id)


def claim(session: Session, limit: int, flow_run_id: str | None) -> list[Dump]:
    """
    Take up to ``limit`` dumps that wait, oldest first, under a lease; rows that another process holds are passed over.

    A dump whose lease has expired is taken again; after ``MAX_ATTEMPTS`` it becomes FAILED instead.
    """
    waiting = (
        select(Dump)
        .where(
            (col(Dump.state) == "CRASH_DETECTED")
            | ((col(Dump.state) == "PARSING") & (col(Dump.lease_until) < func.now()))
        )
        .order_by(col(Dump.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for dump in session.exec(waiting).all():
        if dump.state == "PARSING":
            transitions.move(session, dump, "CRASH_DETECTED", reason="the lease expired", flow_run_id=flow_run_id)
        transitions.move(session, dump, "PARSING", reason="claimed", flow_run_id=flow_run_id)
        if dump.attempts >= MAX_ATTEMPTS:
            fail(session, dump, f"reading it ended {dump.attempts} times without a result", flow_run_id)
            continue
        dump.attempts += 1
        dump.lease_until = session.execute(select(func.now() + LEASE)).scalar_one()
        claimed.append(dump)
    return claimed


def finish(session: Session, dump: Dump, reason: str, flow_run_id: str | None) -> None:
    """Mark a claimed dump as read."""
    dump.error = None
    dump.lease_until = None
    transitions.move(session, dump, "PARSED", reason=reason, flow_run_id=flow_run_id)


def fail(session: Session, dump: Dump, error: str, flow_run_id: str | None) -> None:
    """Mark a claimed dump as unreadable; the file itself is kept."""
    dump.error = error
    dump.lease_until = None
    transitions.move(session, dump, "FAILED", reason=dump.error, flow_run_id=flow_run_id)


def tails(session: Session, dump_id: int) -> list[tuple[LogTail, bytes]]:
    """Return the log tails of a dump with their bytes."""
    rows = session.exec(select(LogTail).where(LogTail.dump_id == dump_id).order_by(col(LogTail.id))).all()
    return [(row, zlib.decompress(row.content) if row.content else b"") for row in rows]


def count_waiting(session: Session) -> int:
    """Return how many dumps nobody has read yet."""
    return int(session.execute(text("SELECT count(*) FROM dump WHERE state = 'CRASH_DETECTED'")).scalar_one())
