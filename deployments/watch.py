"""
The watcher: ``crashflow watch``, a service of its own that records every dump as it appears. Imports no Prefect.

A file that is complete becomes a row in one transaction with the tails of the logs; then an ingest run is asked for.
Whatever else is down, nothing is lost: the files stay in their folders, and what was not recorded is found again.
"""

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock

from db import settings
from db.session import Database
from db.settings import Settings
from deployments import console
from deployments.ingest_requests import IngestRequests
from deployments.watch_book import FileBook
from deployments.watch_store import Store
from tasks.clients import folders
from tasks.clients.analysis_queue import AnalysisQueue
from tasks.clients.folders import FolderEvent, FolderWatch
from tasks.core.configuration import ServerSettings
from tasks.core.errors import ConfigurationError, CrashflowError
from tasks.steps import server_logs
from tasks.steps.detection import Recorder
from tasks.steps.workspace import open_workspace

API_VARIABLE = "PREFECT_API_URL"
LOCK_NAME = "watch.lock"
SCAN_S = 2.0
FOLLOW_S = 0.25
"""How often logs are looked at: what a server writes and a restart truncates within this time is lost."""
SWITCH_S = 0.0005
BATCH = 100
_SCAN_SLICE = 200
_SCAN_SHARE = 20
_LONGEST_WAIT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the watcher needs of the world: the database, someone to ask for ingest runs, someone to tell things."""

    connect: Callable[[], Database]
    wish: Callable[[], None]
    tell: Callable[[str], None]


class Watcher:
    """
    Watches the folders of all servers and records what appears in them, until it is told to stop.

    ``answers`` is the folder of the analysis queue's answers: for what appears there an ingest run is asked for.
    """

    def __init__(
        self,
        servers: Sequence[ServerSettings],
        around: Surroundings,
        *,
        settle_s: float,
        answers: Path | None = None,
    ) -> None:
        self._answers = answers.absolute() if answers else None
        self._wish = around.wish
        self._store = Store(connect=around.connect, wish=around.wish, tell=around.tell)
        logs = frozenset(os.path.realpath(log) for server in servers for log in server_logs.of(server).paths)
        self._books: dict[Path, FileBook] = {}
        self._recorders: list[tuple[Recorder, FileBook]] = []
        for server in servers:
            book = FileBook(logs=logs, settle_s=settle_s, tell=around.tell)
            self._recorders.append((Recorder(server), book))
            for folder in server.crash_folders:
                self._books.setdefault(folder.absolute(), book)
        self._events: queue.SimpleQueue[FolderEvent | None] = queue.SimpleQueue()
        watched = (*self._books, self._answers) if self._answers else tuple(self._books)
        self._folders = FolderWatch(watched, self._events.put, around.tell)
        self._scan: Iterator[None] | None = None
        self._next_scan = 0.0
        self._next_follow = 0.0
        self._scans = 0
        self._is_over = threading.Event()

    def run(self) -> None:
        """
        Watch until ``stop`` is called.

        Raises:
            CrashflowError: the database can be reached, but not used; the text says why.
        """
        self._store.start()
        try:
            while not self._is_over.is_set() and self._store.failure is None:
                self._look()
                self._hand_over()
                self._await_event()
        finally:
            self._folders.stop()
            self._store.stop()
        if self._store.failure is not None:
            raise self._store.failure

    def stop(self) -> None:
        """Have ``run`` return; safe to call from a signal handler."""
        self._is_over.set()
        self._events.put(None)

    def _look(self) -> None:
        """Take the events that came, look at the logs when it is time, then a slice of the look at the folders."""
        with contextlib.suppress(queue.Empty):
            for _ in range(BATCH):
                self._take(self._events.get_nowait())
        if time.monotonic() >= self._next_follow:
            for recorder, _ in self._recorders:
                recorder.follow()
            self._next_follow = time.monotonic() + FOLLOW_S
        if self._scan is None and time.monotonic() >= self._next_scan:
            self._scan = self._scan_folders()
        if self._scan is not None and next(self._scan, self) is self:
            self._scan = None

    def _take(self, event: FolderEvent | None) -> None:
        if event is not None and Path(event.path).parent == self._answers:
            # Who answers may write the file bit by bit: each event may be the one after which it is whole.
            self._wish()
            return
        book = self._books.get(Path(event.path).parent) if event else None
        if event is None or book is None:
            return
        status = folders.look(event.path)
        if status is not None:
            book.see(event.path, folders.sighting(status, is_closed=event.is_closed))

    def _scan_folders(self) -> Iterator[None]:
        """Look at every file of every folder, in slices; what a lost event would have told is found here."""
        started = time.monotonic()
        self._folders.refresh()
        for folder, book in self._books.items():
            present = []
            for path, status in folders.list_files(folder):
                present.append(path)
                book.see(path, folders.sighting(status, is_age_believed=self._scans == 0))
                if len(present) % _SCAN_SLICE == 0:
                    yield None
            book.keep_only(folder, present)
        self._scans += 1
        # Big folders are looked at less often, so that looking never takes most of the time.
        self._next_scan = time.monotonic() + max(SCAN_S, _SCAN_SHARE * (time.monotonic() - started))

    def _hand_over(self) -> None:
        for recorder, book in self._recorders:
            complete = book.take_complete(BATCH)
            if complete:
                self._store.add(recorder, complete)

    def _await_event(self) -> None:
        """Sleep until something happens or is due."""
        waits = [book.wait_s() for _, book in self._recorders]
        scan = 0.0 if self._scan is not None else max(0.0, self._next_scan - time.monotonic())
        follow = max(0.0, self._next_follow - time.monotonic())
        wait = min(*waits, scan, follow, _LONGEST_WAIT_S)
        if wait > 0.0:
            with contextlib.suppress(queue.Empty):
                self._take(self._events.get(timeout=wait))


def watch(loaded: Settings) -> None:
    """
    Watch the folders of all configured servers until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: no server has a folder, two share one, or the database's URL is wrong.
        CrashflowError: another watcher works for this state folder.
    """
    servers = [server for server in loaded.configuration.server if server.crash_folders]
    if not servers:
        raise ConfigurationError("No folder is watched: give a [[server]] of crashflow.toml its crash_folders.")
    watched = [folder.absolute() for server in servers for folder in server.crash_folders]
    if twice := next((folder for folder in watched if watched.count(folder) > 1), None):
        raise ConfigurationError(f"{twice} is named twice among the crash_folders; each belongs to one server.")
    loaded.state_folder.mkdir(parents=True, exist_ok=True)
    # An event passes through several threads; each would wait for the others as long as this.
    sys.setswitchinterval(SWITCH_S)
    requests = IngestRequests(os.environ.get(API_VARIABLE), console.step)
    try:
        with filelock.FileLock(loaded.state_folder / LOCK_NAME, timeout=0):
            around = Surroundings(
                connect=lambda: open_workspace(loaded).database, wish=requests.wish, tell=console.step
            )
            answers = AnalysisQueue(loaded.queue_folder).prepare()
            watcher = Watcher(servers, around, settle_s=loaded.configuration.settle_s, answers=answers)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: watcher.stop())
            requests.start()
            requests.wish()
            console.step(f"Watching {', '.join(str(folder) for folder in watched)}.")
            watcher.run()
            requests.stop()
    except filelock.Timeout as error:
        raise CrashflowError(
            f"Another `crashflow watch` or `up` works for {loaded.state_folder}; end it first."
        ) from error


def main() -> None:
    """Run the watcher as a program of its own; the configuration is found as every command finds it."""
    watch(settings.load())


if __name__ == "__main__":
    from deployments.cli import say_errors

    say_errors(main)
