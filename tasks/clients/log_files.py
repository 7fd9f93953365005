"""
Reading the tail of a server's log, once, when a dump is noticed: a restart may truncate the log a second later.

Logs are only read. What is not a regular file is refused before it is opened, since opening a FIFO or a device can
block or change something.
"""

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

TAIL_LIMIT = 1024 * 1024

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class LogTail:
    """
    The last bytes of a log.

    ``offset`` is where ``content`` begins, ``size`` the length of the whole file at that moment, ``inode`` tells a
    rotated log from its successor, ``mtime`` is aware UTC. ``is_cut`` says that the content begins within a line.
    """

    path: Path
    content: bytes
    offset: int
    size: int
    inode: int
    mtime: datetime
    is_cut: bool


@dataclass(frozen=True, kw_only=True)
class UnreadLog:
    """A log that can't be read, and why, in one sentence. False as a condition, like None."""

    path: Path
    reason: str

    def __bool__(self) -> Literal[False]:
        return False


def read_tail(path: Path, limit: int = TAIL_LIMIT) -> LogTail | UnreadLog:
    """Read at most the last ``limit`` bytes of a log, whatever the server does to it meanwhile."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return UnreadLog(path=path, reason=f"{path} is not a regular file, so it was not read as a log.")
        descriptor = os.open(path, _FLAGS)
        try:
            return _read(path, descriptor, limit)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return UnreadLog(
            path=path, reason=f"There is no log at {path}: check the path of the log in the configuration."
        )
    except PermissionError:
        return UnreadLog(path=path, reason=f"The log {path} may not be read: give this user read access to it.")
    except (OSError, ValueError, OverflowError) as error:
        return UnreadLog(
            path=path, reason=f"The log {path} can't be read: {getattr(error, 'strerror', None) or error}."
        )


def _read(path: Path, descriptor: int, limit: int) -> LogTail | UnreadLog:
    """A server that starts truncates its log: when the file turns out shorter than it was, read it again."""
    for _ in range(_ATTEMPTS):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return UnreadLog(path=path, reason=f"{path} is not a regular file, so it was not read as a log.")
        offset = max(0, status.st_size - limit)
        # One byte more tells whether the tail begins with a line.
        start = max(0, offset - 1)
        content = _read_range(descriptor, start, status.st_size - start)
        if len(content) == status.st_size - start:
            break
    return LogTail(
        path=path,
        content=content[offset - start :],
        offset=offset,
        size=status.st_size,
        inode=status.st_ino,
        mtime=datetime.fromtimestamp(status.st_mtime, tz=UTC),
        is_cut=offset > 0 and content[:1] != b"\n",
    )


def _read_range(descriptor: int, start: int, length: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    parts = []
    while length > 0:
        part = os.read(descriptor, length)
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
