"""
Detection: a file that a crash left becomes a row, with the tails of the logs as they are now. Imports no Prefect.

Nothing of the dump is read here; that is the work of an ingest run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db import dumps, servers, transitions
from db.dumps import DumpFacts, TailFacts
from db.session import Database
from tasks.clients import log_files
from tasks.clients.log_files import LogTail, TailPiece, TailReader, UnreadLog
from tasks.clients.log_follower import LogFollower
from tasks.core.configuration import ServerSettings
from tasks.core.errors import NotFoundError
from tasks.steps import server_logs

FILES_LIMIT = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Files that are complete, with the logs as they were when that was noticed."""

    files: tuple[DumpFacts, ...]
    tails: tuple[TailPiece | UnreadLog, ...]


def join(first: Arrival, second: Arrival) -> Arrival | None:
    """Return both as one, with the later tails; None where a log of the first is not the beginning of the second's."""
    if len(first.files) + len(second.files) > FILES_LIMIT or len(first.tails) != len(second.tails):
        return None
    if not all(_is_continued(*pair) for pair in zip(first.tails, second.tails, strict=True)):
        return None
    return Arrival(files=first.files + second.files, tails=second.tails)


def _is_continued(first: TailPiece | UnreadLog, second: TailPiece | UnreadLog) -> bool:
    if isinstance(first, UnreadLog) or isinstance(second, UnreadLog):
        return isinstance(first, UnreadLog) and isinstance(second, UnreadLog)
    return second.base is not None and second.base is (first.base or first.tail)


class Recorder:
    """
    Records the dumps of one server, many at a time.

    Where dumps come within seconds, each stores only what the logs got since the last whole tail.
    """

    def __init__(self, server: ServerSettings) -> None:
        self._server = server
        told = server_logs.of(server)
        self._readers = tuple(TailReader(path) for path in told.paths)
        self._followers = tuple(LogFollower(path) for path in told.paths)
        self._unread = (told.unread,) if told.unread else ()
        self._stored: dict[Path, tuple[LogTail, int]] = {}

    def notice(self, files: Sequence[DumpFacts]) -> Arrival:
        """Read the logs at the side of files that were just found to be complete; the database is not asked."""
        captured_at = max((facts.captured_at for facts in files), default=_EPOCH)
        logs = zip(self._readers, self._followers, strict=True)
        tails = [tail for reader, follower in logs for tail in _read(reader, follower, captured_at)]
        return Arrival(files=tuple(files), tails=(*tails, *self._unread))

    def follow(self) -> None:
        """Read what was written to the logs; to be called several times a second, or a restart may take it away."""
        for follower in self._followers:
            follower.poll()

    def record(self, database: Database, arrival: Arrival) -> int:
        """Store the files that are new with their tails in one transaction; return how many those were."""
        tails = [self._tail(tail) for tail in arrival.tails]
        with database.transaction() as session:
            server_id = servers.ensure(session, self._server.name)
            found = dumps.record_all(session, server_id, arrival.files, tails)
        self._remember(arrival, tails, found.tail_ids)
        return len(found.dump_ids)

    def forget_tails(self) -> None:
        """Continue no stored tail: rows may be gone from the database."""
        self._stored.clear()

    def _tail(self, tail: TailPiece | UnreadLog) -> TailFacts:
        if isinstance(tail, UnreadLog):
            return _tail(tail)
        base, row_id = self._stored.get(tail.tail.path, (None, None))
        if tail.base is None or base is not tail.base:
            return _tail(tail.whole())
        return _tail(tail.tail, continues_id=row_id)

    def _remember(self, arrival: Arrival, tails: Sequence[TailFacts], row_ids: Sequence[int]) -> None:
        for piece, tail, row_id in zip(arrival.tails, tails, row_ids, strict=False):
            if not isinstance(piece, TailPiece) or tail.continues_id is not None:
                continue
            whole = piece.whole()
            self._stored[whole.path] = (whole, row_id)
            for reader in self._readers:
                if reader.reads(whole.path):
                    reader.start_from(whole)


def _read(reader: TailReader, follower: LogFollower, captured_at: datetime) -> list[TailPiece | UnreadLog]:
    """
    Read the end of one log: as it is, or as it was before the server began it anew or filled it in a moment.

    What was kept of it is stored whole once; dumps that follow continue it, in a storm too.
    """
    piece = reader.read()
    if isinstance(piece, TailPiece) and piece.base is not None:
        return [piece]
    follower.poll()
    kept = follower.tail(captured_at.timestamp()) if follower.knows_more(captured_at.timestamp()) else None
    if kept is not None:
        reader.start_from(kept)
        return [TailPiece(tail=kept)]
    is_whole = isinstance(piece, UnreadLog) or piece.tail.offset == 0
    earlier = log_files.find_rotated(reader.path, captured_at) if is_whole else []
    tails = [log_files.read_tail(path) for path in earlier]
    return [piece, *(tail if isinstance(tail, UnreadLog) else TailPiece(tail=tail) for tail in tails)]


def detect(database: Database, server: ServerSettings, path: Path, *, is_again: bool = False) -> int:
    """
    Record a dump and return its id; the id of the known row where this very file was recorded before.

    With ``is_again`` a known dump that FAILED is put back into the queue.

    Raises:
        NotFoundError: there is no such file.
    """
    facts = facts_at(path)
    told = server_logs.of(server)
    found = [tail for log in told.paths for tail in log_files.read_tails(log, facts.captured_at)]
    tails = [_tail(tail) for tail in (*found, *((told.unread,) if told.unread else ()))]
    with database.transaction() as session:
        server_id = servers.ensure(session, server.name)
        identifier = dumps.record(session, server_id, facts, tails)
        if identifier is not None:
            return identifier
        known = dumps.find(session, server_id, facts)
        if known is None:
            raise NotFoundError(f"{path} changed while it was recorded; try again when it is complete.")
        if is_again and known.state == "FAILED":
            known.attempts = 0
            transitions.move(session, known, "CRASH_DETECTED", reason="asked for again")
        return known.id


def facts_of(path: str, identity: tuple[int, int, int]) -> DumpFacts:
    """Return what is recorded of a file: its path, and inode, size and modification time in nanoseconds."""
    inode, size, mtime_ns = identity
    return DumpFacts(path=path, inode=_signed(inode), size=size, captured_at=_moment(mtime_ns))


def facts_at(path: Path) -> DumpFacts:
    """
    Return what is recorded of a file, as it is now.

    Raises:
        NotFoundError: there is no such file, or none whose name can be stored.
    """
    try:
        resolved = path.resolve(strict=True)
        status = resolved.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(f"There is no file {path}.") from error
    except (OSError, RuntimeError) as error:
        raise NotFoundError(f"{path} can't be looked at: {error}.") from error
    if not str(resolved).isprintable():
        raise NotFoundError(f"The name of {str(resolved)!a} can't be stored; rename the file.")
    if not resolved.is_file():
        raise NotFoundError(f"{path} is not a file; name the dumps in it.")
    return facts_of(str(resolved), (status.st_ino, status.st_size, status.st_mtime_ns))


def _signed(inode: int) -> int:
    """Some file systems number their files with all 64 bits, Postgres counts with 63 and a sign."""
    return inode - 2**64 if inode >= 2**63 else inode


def _moment(mtime_ns: int) -> datetime:
    """Return a file's time; one that no calendar holds becomes 1970."""
    try:
        return _EPOCH + timedelta(microseconds=mtime_ns // 1000)
    except OverflowError:
        return _EPOCH


def _tail(tail: LogTail | UnreadLog, *, continues_id: int | None = None) -> TailFacts:
    if isinstance(tail, UnreadLog):
        return TailFacts(
            path=str(tail.path),
            content=b"",
            offset=0,
            size=0,
            inode=0,
            modified_at=None,
            is_cut=False,
            error=tail.reason,
        )
    return TailFacts(
        path=str(tail.path),
        content=tail.content,
        offset=tail.offset,
        size=tail.size,
        inode=_signed(tail.inode),
        modified_at=tail.mtime,
        is_cut=tail.is_cut,
        error=None,
        continues_id=continues_id,
    )
