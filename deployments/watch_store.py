"""Where the watcher's finds go: into the database at once, or as soon as it is there again."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from db.dumps import DumpFacts
from db.session import Database
from tasks.core.errors import DatabaseError
from tasks.steps.detection import Arrival, Recorder

RETRY_S = 1.0
_OWN_TAILS = 200
"""So many arrivals wait for the database with log tails of their own; later ones go without, or memory would fill."""


@dataclass(kw_only=True)
class Store:
    """Records arrivals in their order. ``connect`` opens the database, and again after it was lost."""

    connect: Callable[[], Database]
    tell: Callable[[str], None]
    _database: Database | None = None
    _waiting: deque[tuple[Recorder, Arrival]] = field(default_factory=deque)
    _next_try: float = 0.0
    _is_lost: bool = False

    def add(self, recorder: Recorder, files: Sequence[DumpFacts]) -> None:
        """Take files that are complete, and the logs as they are now."""
        has_room = len(self._waiting) < _OWN_TAILS
        self._waiting.append((recorder, recorder.notice(files) if has_room else Arrival(files=tuple(files), tails=())))

    def flush(self) -> int:
        """Record what waits; return how many dumps are new. While the database is away nothing happens."""
        if not self._waiting or time.monotonic() < self._next_try:
            return 0
        count = 0
        try:
            while self._waiting:
                count += self._record(*self._waiting[0])
                self._waiting.popleft()
        except (OperationalError, InterfaceError, DatabaseError) as error:
            self._lose(error)
        else:
            if self._is_lost:
                self._is_lost = False
                self.tell("The database is there again; everything that waited is recorded.")
        return count

    def wait_s(self) -> float:
        """Return the seconds until the next try."""
        return max(0.0, self._next_try - time.monotonic()) if self._waiting else float("inf")

    def close(self) -> None:
        """Give the connections back."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _record(self, recorder: Recorder, arrival: Arrival) -> int:
        database = self._database = self._database or self.connect()
        try:
            return recorder.record(database, arrival)
        except (OperationalError, InterfaceError):
            raise
        except IntegrityError:
            # A tail that this one continues is gone: its server was forgotten, or retention took it.
            recorder.forget_tails()
            return recorder.record(database, arrival)
        except DBAPIError as error:
            return self._record_singly(recorder, arrival, error)

    def _record_singly(self, recorder: Recorder, arrival: Arrival, error: DBAPIError) -> int:
        """One file that can't be stored must not hold up the others."""
        if len(arrival.files) == 1:
            self.tell(
                f"{arrival.files[0].path} can't be recorded ({_reason(error)}); record it with `crashflow ingest`."
            )
            return 0
        singles = (Arrival(files=(facts,), tails=arrival.tails) for facts in arrival.files)
        return sum(self._record(recorder, single) for single in singles)

    def _lose(self, error: Exception) -> None:
        self._next_try = time.monotonic() + RETRY_S
        self.close()
        if not self._is_lost:
            self._is_lost = True
            self.tell(f"The database can't be reached ({_reason(error)}); dumps wait here, and nothing is lost.")


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")[:200]
