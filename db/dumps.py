"""Dumps: recorded once, claimed under a lease, finished or failed with a reason."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db import storable, transitions
from db.leases import LEASE
from db.models import Dump, LogTail, Transition

MAX_ATTEMPTS = 3
TAIL_COMPRESSION = 1
"""A tail is compressed before its dump is recorded: level 1 takes a third of the time and gives nine tenths."""

EARLIER_LIMIT = 4
_CHAIN_LIMIT = 8


@dataclass(frozen=True, kw_only=True)
class DumpFacts:
    """What the detection of a dump knows: where it is and what the file system says of it."""

    path: str
    inode: int
    size: int
    captured_at: datetime


@dataclass(frozen=True, kw_only=True)
class TailFacts:
    """
    The last bytes of a log as they were at the detection, or why there are none.

    Where ``continues_id`` names the row of an earlier tail of the same file, ``content`` is only what was written
    since; the other fields are of the whole tail.
    """

    path: str
    content: bytes
    offset: int
    size: int
    inode: int
    modified_at: datetime | None
    is_cut: bool
    error: str | None
    continues_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """
    What came of recording files: the ids of those that are new, by their facts.

    ``tail_ids`` are the rows that hold the tails' bytes, in the order of the tails; empty where nothing was new.
    """

    dump_ids: dict[DumpFacts, int]
    tail_ids: tuple[int, ...] = ()


def record(session: Session, server_id: int, facts: DumpFacts, tails: Sequence[TailFacts]) -> int | None:
    """Record a new dump with its log tails; None where the same file was recorded before."""
    return record_all(session, server_id, [facts], tails).dump_ids.get(facts)


def record_all(session: Session, server_id: int, files: Sequence[DumpFacts], tails: Sequence[TailFacts]) -> Recorded:
    """
    Record the dumps that are new, each with the log tails, whose bytes are stored once.

    A file that was recorded before is passed over: the unique key decides, whoever asks at the same time.
    """
    values = [
        {
            "server_id": server_id,
            "path": facts.path,
            "inode": facts.inode,
            "size": facts.size,
            "captured_at": facts.captured_at,
            "state": "CRASH_DETECTED",
        }
        for facts in files
    ]
    key = (col(Dump.id), col(Dump.path), col(Dump.inode), col(Dump.size), col(Dump.captured_at))
    statement = insert(Dump).on_conflict_do_nothing(constraint="dump_is_recorded_once").returning(*key)
    rows = session.execute(statement, values)
    found = {(path, inode, size, at): identifier for identifier, path, inode, size, at in rows}
    new = {
        facts: found[place]
        for facts in files
        if (place := (storable.text(facts.path), facts.inode, facts.size, facts.captured_at)) in found
    }
    if not new:
        return Recorded(dump_ids={})
    first, *others = new.values()
    stored = [_tail_row(first, tail) for tail in tails]
    session.add_all(stored)
    session.flush()
    _add_rest(session, list(new.values()), [_shared_tail(dump_id, tail) for dump_id in others for tail in stored])
    return Recorded(dump_ids=new, tail_ids=tuple(tail.id for tail in stored))


def _add_rest(session: Session, dump_ids: Sequence[int], tails: Sequence[dict[str, object]]) -> None:
    if tails:
        session.execute(insert(LogTail), tails)
    session.execute(
        insert(Transition),
        [
            {"entity": "dump", "entity_id": dump_id, "state_to": "CRASH_DETECTED", "reason": "file found"}
            for dump_id in dump_ids
        ],
    )


def _tail_row(dump_id: int, tail: TailFacts) -> LogTail:
    return LogTail(
        dump_id=dump_id,
        path=tail.path,
        continues_id=tail.continues_id,
        content=zlib.compress(tail.content, TAIL_COMPRESSION) if tail.content else None,
        file_offset=tail.offset,
        file_size=tail.size,
        inode=tail.inode,
        modified_at=tail.modified_at,
        is_cut=tail.is_cut,
        error=tail.error,
    )


def _shared_tail(dump_id: int, row: LogTail) -> dict[str, object]:
    shared = ("path", "file_offset", "file_size", "inode", "modified_at", "is_cut", "error")
    own = {"dump_id": dump_id, "continues_id": row.id if row.error is None else None, "content": None}
    return {name: getattr(row, name) for name in shared} | own


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


def earlier(session: Session, dump: Dump) -> tuple[tuple[int, int], ...]:
    """Return id and size of the last dumps of the same path, newest first: this file may have grown out of one."""
    query = select(Dump.id, Dump.size).where(
        Dump.server_id == dump.server_id, Dump.path == dump.path, col(Dump.id) < dump.id
    )
    return tuple(session.exec(query.order_by(col(Dump.id).desc()).limit(EARLIER_LIMIT)).all())


def get(session: Session, dump_id: int) -> Dump | None:
    """Return a dump by its id."""
    return session.get(Dump, dump_id)


def claim(session: Session, limit: int, flow_run_id: str | None, *, process: str | None = None) -> list[Dump]:
    """
    Take up to ``limit`` dumps that wait, oldest first, under a lease; rows that another process holds are passed over.

    A dump whose lease has expired is taken again, and alone: it may be what ended its reader, and must not take others
    with it. After ``MAX_ATTEMPTS`` it becomes FAILED instead.
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
    claimed: list[Dump] = []
    for dump in session.exec(waiting).all():
        if claimed and (dump.attempts or claimed[0].attempts > 1):
            break
        if dump.state == "PARSING":
            transitions.move(session, dump, "CRASH_DETECTED", reason="the lease expired", flow_run_id=flow_run_id)
        transitions.move(session, dump, "PARSING", reason="claimed", flow_run_id=flow_run_id)
        if dump.attempts >= MAX_ATTEMPTS:
            fail(session, dump, f"reading it ended {dump.attempts} times without a result", flow_run_id)
            continue
        dump.attempts += 1
        dump.lease_until = session.execute(select(func.now() + LEASE)).scalar_one()
        dump.lease_process = process
        claimed.append(dump)
    return claimed


def held(session: Session, dump_id: int, process: str | None) -> Dump | None:
    """Return a claimed dump for being written; None where it is not this process' any more."""
    query = select(Dump).where(Dump.id == dump_id).with_for_update().execution_options(populate_existing=True)
    dump = session.exec(query).first()
    is_ours = dump is not None and dump.state == "PARSING" and dump.lease_process == process
    return dump if is_ours else None


def give_back(session: Session, process: str, flow_run_id: str | None) -> None:
    """Let others read what a process claimed and did not come to; that is no attempt of these dumps."""
    claimed = select(Dump).where(Dump.lease_process == process, Dump.state == "PARSING").with_for_update()
    for dump in session.exec(claimed).all():
        dump.attempts = max(0, dump.attempts - 1)
        dump.lease_until = dump.lease_process = None
        transitions.move(session, dump, "CRASH_DETECTED", reason="its run was ended", flow_run_id=flow_run_id)


def return_expired(session: Session, flow_run_id: str | None) -> int:
    """Put the dumps back whose reader is gone; return how many those were."""
    expired = select(Dump).where(Dump.state == "PARSING", col(Dump.lease_until) <= func.now())
    found = session.exec(expired.with_for_update(skip_locked=True)).all()
    for dump in found:
        dump.lease_until = dump.lease_process = None
        transitions.move(session, dump, "CRASH_DETECTED", reason="the lease expired", flow_run_id=flow_run_id)
    return len(found)


def finish(session: Session, dump: Dump, reason: str, flow_run_id: str | None) -> None:
    """Mark a claimed dump as read."""
    dump.error = None
    dump.lease_until = dump.lease_process = None
    transitions.move(session, dump, "PARSED", reason=reason, flow_run_id=flow_run_id)


def fail(session: Session, dump: Dump, error: str, flow_run_id: str | None) -> None:
    """Mark a claimed dump as unreadable; the file itself is kept."""
    dump.error = error
    dump.lease_until = dump.lease_process = None
    transitions.move(session, dump, "FAILED", reason=dump.error, flow_run_id=flow_run_id)


def tails(session: Session, dump_id: int) -> list[tuple[LogTail, bytes]]:
    """Return the log tails of a dump with their bytes, whole."""
    rows = session.exec(select(LogTail).where(LogTail.dump_id == dump_id).order_by(col(LogTail.id))).all()
    return [(row, _content(session, row)) for row in rows]


def _content(session: Session, row: LogTail) -> bytes:
    """Put a tail together from the ones that it continues."""
    parts: list[bytes] = []
    piece: LogTail | None = row
    while piece is not None and len(parts) < _CHAIN_LIMIT:
        parts.append(zlib.decompress(piece.content) if piece.content else b"")
        piece = session.get(LogTail, piece.continues_id) if piece.continues_id is not None else None
    return b"".join(reversed(parts))


def count_waiting(session: Session) -> int:
    """Return how many dumps nobody has read yet."""
    return int(session.execute(text("SELECT count(*) FROM dump WHERE state = 'CRASH_DETECTED'")).scalar_one())
