"""
Watching folders: the system's word where it gives one (inotify's close events), polling where it does not.

A word may be lost, so the watcher also looks at the folders itself, with ``list_files``; the events are what makes it
quick. Only the folder itself is watched, nothing below it. Nothing in it is opened or changed.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileClosedEvent, FileCreatedEvent, FileMovedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from tasks.core.captures import Sighting

POLLING_S = 1.0
_STOP_TIMEOUT_S = 5.0
_EVENTS: list[type[FileSystemEvent]] = [FileClosedEvent, FileCreatedEvent, FileMovedEvent]


@dataclass(frozen=True, kw_only=True)
class FolderEvent:
    """Something happened to a file of a watched folder; ``is_closed`` says that its writer is done with it."""

    path: str
    is_closed: bool


Listener = Callable[[FolderEvent], None]
Teller = Callable[[str], None]


class FolderWatch:
    """
    Watches folders, also those that come, vanish and come back; call ``refresh`` every few seconds.

    ``listen`` is called from another thread. ``tell`` gets one sentence when a folder vanishes, when it is back, and
    when the system does not report changes so that folders are polled.
    """

    def __init__(self, folders: Sequence[Path], listen: Listener, tell: Teller, *, is_polling: bool = False) -> None:
        self._folders = tuple(dict.fromkeys(folders))
        self._handler = _Handler(listen)
        self._tell = tell
        self._watches: dict[Path, tuple[tuple[int, int], ObservedWatch]] = {}
        self._missing: set[Path] = set()
        self._observer = self._start(is_polling=is_polling)

    @property
    def is_polling(self) -> bool:
        """True where the system does not report changes."""
        return isinstance(self._observer, PollingObserver)

    def refresh(self) -> list[Path]:
        """Watch what has appeared, leave what has vanished; return the folders that are watched anew."""
        appeared = []
        for folder in self._folders:
            identity = _identity(folder)
            watched = self._watches.get(folder)
            if watched is not None and (watched[0] != identity or not self._is_alive(watched[1])):
                self._leave(folder)
                watched = None
            if identity is None:
                self._report_missing(folder)
            elif watched is None and self._watch(folder, identity):
                appeared.append(folder)
        return appeared

    def stop(self) -> None:
        """End watching."""
        self._observer.stop()
        self._observer.join(_STOP_TIMEOUT_S)

    def _start(self, *, is_polling: bool) -> BaseObserver:
        try:
            observer = PollingObserver(timeout=POLLING_S) if is_polling else _native_observer()
            observer.start()
        except OSError as error:
            self._tell(f"The system does not report changes of folders ({error.strerror}); they are polled.")
            return self._start(is_polling=True)
        return observer

    def _watch(self, folder: Path, identity: tuple[int, int]) -> bool:
        try:
            watch = self._observer.schedule(self._handler, str(folder), event_filter=_EVENTS, follow_symlink=True)
        except OSError as error:
            if self.is_polling or _identity(folder) != identity:
                self._report_missing(folder)
                return False
            self._poll_instead(folder, error)
            return self._watch(folder, identity)
        self._watches[folder] = (identity, watch)
        if folder in self._missing:
            self._missing.discard(folder)
            self._tell(f"The folder {folder} is there; it is watched now.")
        return True

    def _poll_instead(self, folder: Path, error: OSError) -> None:
        self._tell(
            f"The system refuses to report changes of {folder} ({error.strerror}); all folders are polled every"
            f" {POLLING_S:.0f} s. On Linux, raise fs.inotify.max_user_watches and max_user_instances."
        )
        self.stop()
        self._watches.clear()
        self._observer = self._start(is_polling=True)

    def _is_alive(self, watch: ObservedWatch) -> bool:
        """A folder that came back may have the number of the one that vanished, but the old watch has ended."""
        return any(emitter.watch == watch and emitter.is_alive() for emitter in self._observer.emitters)

    def _leave(self, folder: Path) -> None:
        _, watch = self._watches.pop(folder)
        with contextlib.suppress(KeyError):
            self._observer.unschedule(watch)

    def _report_missing(self, folder: Path) -> None:
        if folder not in self._missing:
            self._missing.add(folder)
            self._tell(f"The folder {folder} is not there or can't be read; it is watched as soon as it is.")


class _Handler(FileSystemEventHandler):
    def __init__(self, listen: Listener) -> None:
        self._listen = listen

    def on_closed(self, event: FileSystemEvent) -> None:
        self._listen(FolderEvent(path=os.fsdecode(event.src_path), is_closed=True))

    def on_created(self, event: FileSystemEvent) -> None:
        if not event.is_directory:
            self._listen(FolderEvent(path=os.fsdecode(event.src_path), is_closed=False))

    def on_moved(self, event: FileSystemEvent) -> None:
        """A rename is atomic: what is moved to its place is complete."""
        if not event.is_directory and event.dest_path:
            self._listen(FolderEvent(path=os.fsdecode(event.dest_path), is_closed=True))


def list_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and status of the regular files of a folder; what vanishes meanwhile or is none is passed over."""
    try:
        entries = os.scandir(folder)
    except OSError:
        return
    with entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield entry.path, status


def look(path: str) -> os.stat_result | None:
    """Return the status of a regular file; None for links, pipes, sockets, folders, and what is gone."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def sighting(status: os.stat_result, *, is_closed: bool = False, is_age_believed: bool = False) -> Sighting:
    """Turn a status into a sighting of this moment."""
    return Sighting(
        inode=status.st_ino,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        at=time.monotonic(),
        age_s=time.time() - status.st_mtime if is_age_believed else 0.0,
        is_closed=is_closed,
    )


def read_ends(path: str, limit: int) -> tuple[bytes, bytes]:
    """Return the first and the last bytes of a file, at most ``limit`` each; nothing where it can't be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except (OSError, ValueError):
        return b"", b""
    try:
        size = os.fstat(descriptor).st_size
        head = os.read(descriptor, limit)
        os.lseek(descriptor, max(0, size - limit), os.SEEK_SET)
        return head, os.read(descriptor, limit)
    except OSError:
        return b"", b""
    finally:
        os.close(descriptor)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _native_observer() -> BaseObserver:
    """Return the system's observer; on Linux one that tells a file that was moved in from one that is being written."""
    try:
        from watchdog.observers.inotify import InotifyObserver  # noqa: PLC0415 (exists on Linux only)
    except ImportError:
        return Observer()
    return InotifyObserver(generate_full_events=True)
