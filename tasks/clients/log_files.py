"""
Reading the tail of a server's log, once, when a dump is noticed: a restart may truncate the log a second later.

Logs are only read. What is not a regular file is refused before it is opened, since opening a FIFO or a device can
block or change something.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tasks.core import log_names

TAIL_LIMIT = 1024 * 1024
CONFIGURATION_LIMIT = 4 * 1024 * 1024
ROTATED_LIMIT = 2
"""So many earlier files of a log are looked into, the newest."""
ROTATED_AGE_S = 60.0
"""An earlier file that was last written longer before a crash holds no line of its window."""
CONTINUATION_LIMIT = 256 * 1024
BASE_AGE_S = 60.0
_OVERLAP = 256

OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_ATTEMPTS = 3
_LOCKED = (32, 33)
"""What Windows answers where a file, or a range of it, is locked; elsewhere a lock keeps nobody from reading."""


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
        path = find(self.path)
        if base is not None and base.path == path and time.monotonic() - self._base_at < BASE_AGE_S:
            continued = _continue(base)
            if continued is not None:
                return TailPiece(tail=continued, base=base)
        whole = read_tail(path, self._limit)
        if isinstance(whole, UnreadLog):
            self._base = None
            return whole
        self.start_from(whole)
        return TailPiece(tail=whole)

    def reads(self, path: Path) -> bool:
        """Tell whether a file is this log, or fits its pattern."""
        return path.parent == self.path.parent and log_names.matches(path.name, self.path.name)

    def start_from(self, tail: LogTail) -> None:
        """Take a whole tail as the base of those that follow."""
        self._base, self._base_at = tail, time.monotonic()


def _continue(base: LogTail) -> LogTail | None:
    """Read what was written behind a tail; None where the log was truncated or replaced, or much was written."""
    end = base.offset + len(base.content)
    known = base.content[-_OVERLAP:]
    try:
        descriptor = os.open(base.path, OPEN_FLAGS)
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


def find(path: Path) -> Path:
    """Return the newest file that fits a name with ``*`` or ``?``; the path itself where there is none."""
    if not log_names.is_pattern(path.name):
        return path
    found = _list(path.parent, lambda name: log_names.matches(name, path.name))
    return found[0][1] if found else path


def find_rotated(path: Path, crashed_at: datetime) -> list[Path]:
    """
    Return the earlier files of a log that may hold lines of the minute before a crash, newest first.

    A server that starts, or a program that rotates logs, gives the old file another name.
    """
    oldest = crashed_at.timestamp() - ROTATED_AGE_S
    if log_names.is_pattern(path.name):
        found = _list(path.parent, lambda name: log_names.matches(name, path.name))[1:]
    else:
        found = _list(path.parent, lambda name: log_names.is_rotated(name, path.name))
    return [each for written_at, each in found if written_at >= oldest][:ROTATED_LIMIT]


def read_tails(path: Path, crashed_at: datetime, limit: int = TAIL_LIMIT) -> list[LogTail | UnreadLog]:
    """Read the tail of a log, and where that goes back to the log's beginning, of the files before it."""
    tail = read_tail(find(path), limit)
    if isinstance(tail, LogTail) and tail.offset > 0:
        return [tail]
    return [tail, *(read_tail(earlier, limit) for earlier in find_rotated(path, crashed_at))]


def read_configuration(path: Path) -> bytes | UnreadLog:
    """Read a server's own configuration file, of which nothing but the logs is wanted."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return UnreadLog(path=path, reason=f"{path} is not a regular file, so it told nothing of the logs.")
        with path.open("rb") as stream:
            return stream.read(CONFIGURATION_LIMIT)
    except OSError as error:
        reason = error.strerror or str(error)
        return UnreadLog(path=path, reason=f"{path} can't be read ({reason}), so it told nothing of the logs.")


def _list(folder: Path, is_wanted: Callable[[str], bool]) -> list[tuple[float, Path]]:
    """Return the regular files of a folder with their times, newest first; a folder that can't be read has none."""
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if is_wanted(entry.name) and entry.is_file():
                    found.append((entry.stat().st_mtime, Path(entry.path)))
    return sorted(found, reverse=True)


def read_tail(path: Path, limit: int = TAIL_LIMIT) -> LogTail | UnreadLog:
    """Read at most the last ``limit`` bytes of a log, whatever the server does to it meanwhile."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return UnreadLog(path=path, reason=f"{path} is not a regular file, so it was not read as a log.")
        descriptor = os.open(path, OPEN_FLAGS)
        try:
            return _read(path, descriptor, limit)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return UnreadLog(
            path=path, reason=f"There is no log at {path}: check the path of the log in the configuration."
        )
    except PermissionError as error:
        if getattr(error, "winerror", None) in _LOCKED:
            return UnreadLog(path=path, reason=f"Another process holds the log {path} locked, so it could not be read.")
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
