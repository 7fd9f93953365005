"""
Detection: a file that a crash left becomes a row, with the tails of the logs as they are now. Imports no Prefect.

Nothing of the dump is read here; that is the work of an ingest run.
"""

from datetime import UTC, datetime
from pathlib import Path

from db import dumps, servers, transitions
from db.dumps import DumpFacts, TailFacts
from db.session import Database
from tasks.clients import log_files
from tasks.clients.log_files import LogTail, UnreadLog
from tasks.core.configuration import ServerSettings
from tasks.core.errors import NotFoundError


def detect(database: Database, server: ServerSettings, path: Path, *, is_again: bool = False) -> int:
    """
    Record a dump and return its id; the id of the known row where this very file was recorded before.

    With ``is_again`` a known dump that FAILED is put back into the queue.

    Raises:
        NotFoundError: there is no such file.
    """
    facts = _facts(path)
    tails = [_tail(log_files.read_tail(log)) for log in server.logs]
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


def _facts(path: Path) -> DumpFacts:
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
    return DumpFacts(
        path=str(resolved),
        inode=status.st_ino,
        size=status.st_size,
        captured_at=datetime.fromtimestamp(status.st_mtime, tz=UTC),
    )


def _tail(tail: LogTail | UnreadLog) -> TailFacts:
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
        inode=tail.inode,
        modified_at=tail.mtime,
        is_cut=tail.is_cut,
        error=None,
    )
