"""Dumps: recorded once, claimed under a lease, finished or failed with a reason."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, text
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


class Claim(NamedTuple):
    """A dump that was taken under a lease, with the name of its server."""

    id: int
    server_id: int
    server: str
    path: str
    captured_at: datetime
    size: int


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


def earlier(session: Session, claims: Sequence[Claim]) -> dict[int, tuple[tuple[int, int], ...]]:
    """
    Return id and size of the last dumps of the same path, newest first, by the id of the later dump.

    A file may have grown out of one of them.
    """
    query = text(
        "SELECT later.id, before.id, before.size FROM unnest(CAST(:ids AS bigint[]), CAST(:servers AS bigint[]),"
        " CAST(:paths AS text[])) AS later (id, server_id, path) CROSS JOIN LATERAL (SELECT id, size FROM dump"
        " WHERE server_id = later.server_id AND path = later.path AND id < later.id ORDER BY id DESC LIMIT :limit)"
        " AS before ORDER BY later.id, before.id DESC"
    )
    values = {
        "ids": [claim.id for claim in claims],
        "servers": [claim.server_id for claim in claims],
        "paths": [claim.path for claim in claims],
        "limit": EARLIER_LIMIT,
    }
    found: dict[int, list[tuple[int, int]]] = {}
    for later, before, size in session.execute(query, values):
        found.setdefault(later, []).append((before, size))
    return {later: tuple(before) for later, before in found.items()}


def get(session: Session, dump_id: int) -> Dump | None:
    """Return a dump by its id."""
    return session.get(Dump, dump_id)


def claim(session: Session, limit: int, flow_run_id: str | None, *, process: str | None = None) -> list[Claim]:
    """
    Take up to ``limit`` dumps that wait, oldest first, under a lease; rows that another process holds are passed over.

    A dump whose lease has expired is taken again, and alone: it may be what ended its reader, and must not take others
    with it. After ``MAX_ATTEMPTS`` it becomes FAILED instead.
    """
    rows = _together(session.execute(text(_WAITING), {"limit": limit}).all())
    expired = {row.id: "the lease expired" for row in rows if row.state == "PARSING"}
    transitions.record_all(session, "dump", expired, states=("PARSING", "CRASH_DETECTED"), flow_run_id=flow_run_id)
    taken = {row.id: "claimed" for row in rows}
    transitions.move_all(session, "dump", taken, states=("CRASH_DETECTED", "PARSING"), flow_run_id=flow_run_id)
    worn = {
        row.id: f"reading it ended {row.attempts} times without a result"
        for row in rows
        if row.attempts >= MAX_ATTEMPTS
    }
    fail_all(session, worn, flow_run_id)
    claimed = [Claim(*row[:6]) for row in sorted(rows, key=lambda row: row.id) if row.id not in worn]
    lease = text(
        "UPDATE dump SET attempts = attempts + 1, lease_until = now() + :lease, lease_process = :process"
        " WHERE id = ANY(CAST(:ids AS bigint[]))"
    )
    session.execute(lease, {"lease": LEASE, "process": process, "ids": [dump.id for dump in claimed]})
    return claimed


def _together(waiting: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return the first of these rows that may be read at once: all, or one that was tried before."""
    rows: list[Row[Any]] = []
    is_alone = False
    for row in waiting:
        if row.attempts >= MAX_ATTEMPTS:
            rows.append(row)
            continue
        is_first = not any(each.attempts < MAX_ATTEMPTS for each in rows)
        if is_alone or (row.attempts and not is_first):
            break
        is_alone = bool(row.attempts)
        rows.append(row)
    return rows


_WAITING = """
SELECT dump.id, server_id, server.name, path, captured_at, size, state, attempts
FROM dump JOIN server ON server.id = server_id
WHERE state = 'CRASH_DETECTED' OR (state = 'PARSING' AND lease_until < now())
ORDER BY detected_at, dump.id LIMIT :limit FOR UPDATE OF dump SKIP LOCKED
"""


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


def held(session: Session, dump_ids: Sequence[int], process: str | None) -> set[int]:
    """Return which of these claimed dumps are still this process' own, held until the transaction ends."""
    query = text(
        "SELECT id FROM dump WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'PARSING'"
        " AND lease_process IS NOT DISTINCT FROM CAST(:process AS text) ORDER BY id FOR NO KEY UPDATE"
    )
    return set(session.execute(query, {"ids": sorted(dump_ids), "process": process}).scalars())


def note_content(session: Session, contents: Mapping[int, tuple[str, str]]) -> None:
    """Note kind and SHA-256 of dumps that were read, by their ids."""
    ids = sorted(contents)
    session.execute(
        text(
            "UPDATE dump SET kind = told.kind, sha256 = told.sha256 FROM unnest(CAST(:ids AS bigint[]),"
            " CAST(:kinds AS text[]), CAST(:hashes AS text[])) AS told (id, kind, sha256) WHERE dump.id = told.id"
        ),
        {"ids": ids, "kinds": [contents[each][0] for each in ids], "hashes": [contents[each][1] for each in ids]},
    )


def finish_all(session: Session, reasons: Mapping[int, str], flow_run_id: str | None) -> None:
    """Mark claimed dumps as read."""
    _end(session, reasons, errors=[None] * len(reasons))
    transitions.move_all(session, "dump", reasons, states=("PARSING", "PARSED"), flow_run_id=flow_run_id)


def fail_all(session: Session, errors: Mapping[int, str], flow_run_id: str | None) -> None:
    """Mark claimed dumps as unreadable; the files themselves are kept."""
    _end(session, errors, errors=[storable.text(errors[each]) for each in sorted(errors)])
    transitions.move_all(session, "dump", errors, states=("PARSING", "FAILED"), flow_run_id=flow_run_id)


def _end(session: Session, dump_ids: Iterable[int], *, errors: Sequence[str | None]) -> None:
    if not errors:
        return
    session.execute(
        text(
            "UPDATE dump SET error = told.error, lease_until = NULL, lease_process = NULL"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:errors AS text[])) AS told (id, error) WHERE dump.id = told.id"
        ),
        {"ids": sorted(dump_ids), "errors": list(errors)},
    )


def tail_names(session: Session, dump_ids: Sequence[int]) -> dict[int, str]:
    """Name the log tails of these dumps: equal names stand for equal bytes. Dumps without tails are left out."""
    query = text(
        "SELECT dump_id, string_agg(concat_ws(':', CASE WHEN content IS NULL THEN continues_id ELSE id END, path,"
        " file_offset, file_size, modified_at, error), ' ' ORDER BY id) AS name"
        " FROM log_tail WHERE dump_id = ANY(CAST(:ids AS bigint[])) GROUP BY dump_id"
    )
    return {row.dump_id: row.name for row in session.execute(query, {"ids": sorted(dump_ids)})}


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
