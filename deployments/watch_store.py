"""
Where the watcher's finds go: into the database at once, or as soon as it is there again.

A thread of its own writes, so that the logs of the next dump are read in time whatever the database does.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from db.dumps import DumpFacts
from db.session import Database
from tasks.core.errors import CrashflowError, DatabaseError
from tasks.steps import detection
from tasks.steps.detection import Arrival, Recorder

RETRY_S = 1.0
STOP_TIMEOUT_S = 5.0
_OWN_TAILS = 200
"""So many arrivals wait for the database with log tails of their own; later ones go without, or memory would fill."""


@dataclass(kw_only=True)
class Store:
    """
    Records arrivals in their order; arrivals that came meanwhile share a transaction.

    ``connect`` opens the database, and again after it was lost. ``wish`` is called when new dumps are recorded. What
    ends the thread for good is in ``failure``.
    """

    connect: Callable[[], Database]
    wish: Callable[[], None]
    tell: Callable[[str], None]
    failure: CrashflowError | None = None
    _waiting: deque[tuple[Recorder, Arrival]] = field(default_factory=deque)
    _has_work: threading.Event = field(default_factory=threading.Event)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _database: Database | None = None
    _is_lost: bool = False

    def start(self) -> None:
        """Connect, and begin to write."""
        self._thread = threading.Thread(target=self._serve, name="store", daemon=True)
        self._thread.start()

    def add(self, recorder: Recorder, files: Sequence[DumpFacts]) -> None:
        """Take files that are complete, and the logs as they are now."""
        has_room = len(self._waiting) < _OWN_TAILS
        self._waiting.append((recorder, recorder.notice(files) if has_room else Arrival(files=tuple(files), tails=())))
        self._has_work.set()

    def stop(self) -> None:
        """Write what waits if the database is there, and end; what is left is found at the next start."""
        self._is_over.set()
        self._has_work.set()
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT_S)

    def _serve(self) -> None:
        try:
            while self._flush() or not self._is_over.is_set():
                self._has_work.wait()
                if self._is_lost:
                    self._is_over.wait(RETRY_S)
        except CrashflowError as error:
            self.failure = error
        finally:
            self._close()

    def _flush(self) -> bool:
        """Record what waits; say whether the database did all of it."""
        self._has_work.clear()
        try:
            self._database = self._database or self.connect()
            while self._waiting:
                recorder, arrival, count = self._next()
                new = self._record(self._database, recorder, arrival)
                for _ in range(count):
                    self._waiting.popleft()
                if new:
                    self.wish()
        except (OperationalError, InterfaceError, DatabaseError) as error:
            self._lose(error)
            return False
        if self._is_lost:
            self._is_lost = False
            self.tell("The database is there again; everything that waited is recorded.")
        return bool(self._waiting)

    def _next(self) -> tuple[Recorder, Arrival, int]:
        """Return the first arrival, joined with those behind it that can share its transaction."""
        recorder, arrival = self._waiting[0]
        count = 1
        for other, following in list(self._waiting)[1:]:
            joined = detection.join(arrival, following) if other is recorder else None
            if joined is None:
                break
            arrival, count = joined, count + 1
        return recorder, arrival, count

    def _record(self, database: Database, recorder: Recorder, arrival: Arrival) -> int:
        try:
            return recorder.record(database, arrival)
        except (OperationalError, InterfaceError):
            raise
        except IntegrityError:
            # A tail that this one continues is gone: its server was forgotten, or retention took it.
            recorder.forget_tails()
            return recorder.record(database, arrival)
        except DBAPIError as error:
            return self._record_singly(database, recorder, arrival, error)

    def _record_singly(self, database: Database, recorder: Recorder, arrival: Arrival, error: DBAPIError) -> int:
        """One file that can't be stored must not hold up the others."""
        if len(arrival.files) == 1:
            path, reason = arrival.files[0].path, _reason(error)
            self.tell(f"{path} can't be recorded ({reason}); record it with `crashflow ingest`.")
            return 0
        singles = (Arrival(files=(facts,), tails=arrival.tails) for facts in arrival.files)
        return sum(self._record(database, recorder, single) for single in singles)

    def _lose(self, error: Exception) -> None:
        self._close()
        self._has_work.set()
        if not self._is_lost:
            self._is_lost = True
            self.tell(f"The database can't be reached ({_reason(error)}); dumps wait here, and nothing is lost.")

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")[:200]
