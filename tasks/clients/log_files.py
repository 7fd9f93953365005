"""
Reading the tail of a server's log, once, when a dump is noticed: a restart may truncate the log a second later.

Logs are only read. What is not a regular file is refused before it is opened, since opening a FIFO or a device can
block or change something.
"""

import os
import stat
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

TAIL_LIMIT = 1024 * 1024
CONTINUATION_LIMIT = 256 * 1024
BASE_AGE_S = 60.0
_OVERLAP = 256

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


@dataclass(frozen=True, kw_only=True)
class TailPiece:
    """
    A tail, as far as it was not read before: ``tail.content`` follows the content of ``base``.

    Everything else in ``tail`` is of the whole. Without a base the content is the whole.
    """

    tail: LogTail
    base: LogTail | None = None

    def whole(self) -> LogTail:
        """Return the tail with all its bytes."""
        return self.tail if self.base is None else replace(self.tail, content=self.base.content + self.tail.content)


class TailReader:
    """
    Reads the tail of one log again and again, as dumps come: a few bytes when it was read a moment ago.

    In a storm of dumps, a megabyte of log each would be too much to read and to store.
    """

    def __init__(self, path: Path, limit: int = TAIL_LIMIT) -> None:
        self.path = path
        self._limit = limit
        self._base: LogTail | None = None
        self._base_at = 0.0

    def read(self) -> TailPiece | UnreadLog:
        """Return what the log holds now, as a continuation of the last whole tail where it is one."""
        base = self._base
        if base is not None and time.monotonic() - self._base_at < BASE_AGE_S:
            continued = _continue(base)
            if continued is not None:
                return TailPiece(tail=continued, base=base)
        whole = read_tail(self.path, self._limit)
        if isinstance(whole, UnreadLog):
            self._base = None
            return whole
        self.start_from(whole)
        return TailPiece(tail=whole)

    def start_from(self, tail: LogTail) -> None:
        """Take a whole tail as the base of those that follow."""
        self._base, self._base_at = tail, time.monotonic()


def _continue(base: LogTail) -> LogTail | None:
    """Read what was written behind a tail; None where the log was truncated or replaced, or much was written."""
    end = base.offset + len(base.content)
    known = base.content[-_OVERLAP:]
    try:
        descriptor = os.open(base.path, _FLAGS)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if status.st_ino != base.inode or not end <= status.st_size <= end + CONTINUATION_LIMIT:
            return None
        content = _read_range(descriptor, end - len(known), status.st_size - end + len(known))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if not content.startswith(known):
        return None
    return replace(
        base,
        content=content[len(known) :],
        size=status.st_size,
        mtime=datetime.fromtimestamp(status.st_mtime, tz=UTC),
    )


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
