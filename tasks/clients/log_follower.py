"""
Following a log while the server writes it, so that its last lines are known when a restart has truncated it.

A watcher polls. What was read stays in a ring of bounded size: the newest bytes as they are, and of the bytes that had
to leave the ring the lines that warn or worse. Each line is read once. Logs are only read.
"""

import contextlib
import itertools
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tasks.clients import log_files
from tasks.clients.log_files import OPEN_FLAGS, TAIL_LIMIT, LogTail
from tasks.core import log_lines

PART = 64 * 1024
POLL_LIMIT = 64 * 1024 * 1024
"""Bytes read at one poll; of a log that grows faster the middle is passed over."""
STANDING_OUT_LIMIT = 256 * 1024
STANDING_OUT_LINES = 500
REST_LIMIT = 4 * log_lines.TEXT_LIMIT
SLACK_S = 2.0
RECENT_S = 60.0
_KNOWN = 256
_PARTS_LIMIT = 2048


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Whole lines as they were read: when, at which poll, and in which life of the log; a truncation begins another."""

    content: bytes
    read_at: float
    written_at: float
    poll: int
    life: int


class LogFollower:
    """
    Knows the last lines of one log, whatever becomes of its file. Of a pattern as ``path`` the newest file counts.

    `poll` is cheap when nothing was written, and is to be called several times a second: what is written and truncated
    between two polls nobody has seen. At most ``limit`` bytes are kept, and `STANDING_OUT_LIMIT` of older lines that
    stand out. ``now`` tells the time in seconds since 1970. Safe to use from two threads.
    """

    def __init__(self, path: Path, limit: int = TAIL_LIMIT, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self._limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._parts: deque[_Part] = deque()
        self._size = 0
        self._standing_out: deque[bytes] = deque()
        self._standing_out_size = 0
        self._last_drop = float("-inf")
        self._rest = b""
        self._polls = 0
        self._written_at = 0.0
        self._started = now()
        self._life = 0
        self._lives: deque[float] = deque(maxlen=16)
        self._is_cut = False
        self._is_within_line = False
        self._file: _File | None = None

    def poll(self) -> None:
        """Read what was written since the last poll; a log that is not there, or can't be read, is waited for."""
        with self._lock, contextlib.suppress(OSError):
            self._polls += 1
            self._poll()

    def tail(self, until: float) -> LogTail | None:
        """
        Return what the log held at a moment (seconds since 1970), oldest first; None where nothing was read.

        What was read up to `SLACK_S` later belongs to it, and what the same life of the file held at the first look
        after that: it may have been written before. What a restart wrote later does not.
        """
        with self._lock:
            chosen = self._until(until)
            is_all = len(chosen) == len(self._parts)
            rest = self._rest if is_all else b""
            content = b"".join((*self._standing_out, *(part.content for part in chosen), rest))
            if not content:
                return None
            if self._is_cut:
                # Every line here is whole; the one within which a tail that is cut begins is an empty one.
                content = b"\n" + content
            written_at = chosen[-1].written_at if chosen and not rest else self._written_at
            size = self._file.position if self._file and is_all else len(content)
            return LogTail(
                path=self._file.path if self._file else self.path,
                content=content,
                offset=max(0, size - len(content)),
                size=size,
                inode=self._file.inode if self._file else 0,
                mtime=datetime.fromtimestamp(written_at, tz=UTC),
                is_cut=self._is_cut,
            )

    def knows_more(self, since: float) -> bool:
        """
        Tell whether this ring holds lines of the minute before a moment that the end of the file does not.

        That is so where the file began anew after that minute began, or more was written in it than the ring holds.
        """
        with self._lock:
            if since < self._started - RECENT_S:
                return False
            began = any(life > since - RECENT_S for life in self._lives)
            return began or self._last_drop > since - RECENT_S

    def _until(self, until: float) -> list[_Part]:
        chosen: list[_Part] = []
        late_poll = None
        for part in self._parts:
            if part.read_at > until + SLACK_S:
                late_poll = late_poll or part.poll
                if part.poll != late_poll or (chosen and part.life != chosen[-1].life):
                    break
            chosen.append(part)
        return chosen

    def _poll(self) -> None:
        path = log_files.find(self.path)
        with _opened(path) as descriptor:
            status = os.fstat(descriptor)
            if self._file is None or not self._file.is_continued(descriptor, status):
                self._finish()
                self._file = self._begin(path, status)
            self._file.path = path
            self._read(self._file, descriptor, status)

    def _finish(self) -> None:
        """Read the end of a file that was rotated away, wherever it is now; of a truncated one it is lost."""
        file = self._file
        if file is None:
            return
        earlier = log_files.find_rotated(self.path, datetime.fromtimestamp(self._now(), tz=UTC))
        for path in (file.path, *earlier):
            with contextlib.suppress(OSError), _opened(path) as descriptor:
                status = os.fstat(descriptor)
                if file.is_continued(descriptor, status):
                    self._read(file, descriptor, status)
                    break
        self._keep(self._rest + b"\n" if self._rest else b"")
        self._rest = b""

    def _begin(self, path: Path, status: os.stat_result) -> "_File":
        """Begin another life of the log; at the very first look only the end of the file is wanted."""
        file = _File(path=path, inode=status.st_ino)
        if self._file is not None:
            self._life += 1
            self._lives.append(self._now())
        elif status.st_size > self._limit:
            self._pass_over(file, status.st_size - self._limit)
        return file

    def _pass_over(self, file: "_File", position: int) -> None:
        self._is_cut = self._is_within_line = True
        file.position, file.known = position, b""

    def _read(self, file: "_File", descriptor: int, status: os.stat_result) -> None:
        size, self._written_at = status.st_size, status.st_mtime
        if size - file.position > POLL_LIMIT:
            self._keep(self._rest + b"\n" if self._rest else b"")
            self._rest = b""
            self._pass_over(file, size - self._limit)
        while file.position < size:
            part = file.read(descriptor, min(PART, size - file.position))
            if not part:
                break
            self._take(part)

    def _take(self, part: bytes) -> None:
        if self._is_within_line:
            _, newline, part = part.partition(b"\n")
            self._is_within_line = not newline
        lines, newline, rest = (self._rest + part).rpartition(b"\n")
        self._keep(lines + newline)
        # Of a line without end the beginning tells what it is.
        self._rest = rest[:REST_LIMIT]

    def _keep(self, content: bytes) -> None:
        if not content:
            return
        self._parts.append(
            _Part(
                content=content,
                read_at=self._now(),
                written_at=self._written_at,
                poll=self._polls,
                life=self._life,
            )
        )
        self._size += len(content)
        if len(self._parts) > _PARTS_LIMIT:
            self._parts = deque(_halved(list(self._parts)))
        while self._size > self._limit and len(self._parts) > 1:
            self._drop(self._parts.popleft())

    def _drop(self, part: _Part) -> None:
        self._size -= len(part.content)
        self._last_drop = part.read_at
        self._is_cut = True
        for line in log_lines.standing_out(part.content).splitlines(keepends=True)[-STANDING_OUT_LINES:]:
            self._standing_out.append(line)
            self._standing_out_size += len(line)
        while self._standing_out_size > STANDING_OUT_LIMIT or len(self._standing_out) > STANDING_OUT_LINES:
            self._standing_out_size -= len(self._standing_out.popleft())


@dataclass(kw_only=True)
class _File:
    """How far a file was read, and what stood just before: a truncated file that has grown again has other bytes."""

    path: Path
    inode: int
    position: int = 0
    known: bytes = b""

    def is_continued(self, descriptor: int, status: os.stat_result) -> bool:
        if status.st_ino != self.inode or status.st_size < self.position:
            return False
        os.lseek(descriptor, self.position - len(self.known), os.SEEK_SET)
        return not self.known or os.read(descriptor, len(self.known)) == self.known

    def read(self, descriptor: int, length: int) -> bytes:
        os.lseek(descriptor, self.position, os.SEEK_SET)
        part = os.read(descriptor, length)
        self.position += len(part)
        self.known = (self.known + part)[-_KNOWN:]
        return part


def _halved(parts: Sequence[_Part]) -> Iterator[_Part]:
    """Join neighbours of one life, the older ones: a quiet log is read in very small parts."""
    half = len(parts) // 2
    for first, second in itertools.zip_longest(parts[:half:2], parts[1:half:2]):
        if second is not None and first.life == second.life:
            yield replace(second, content=first.content + second.content)
        else:
            yield first
            if second is not None:
                yield second
    yield from parts[half:]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a log for reading; the file is never held open, or Windows could not rotate it."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise FileNotFoundError(path)
    descriptor = os.open(path, OPEN_FLAGS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
