"""What the watcher knows of the files in one server's folders, and which of them are complete."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from db.dumps import DumpFacts
from tasks.clients import folders
from tasks.core import captures, log_names, parsers
from tasks.core.captures import Sighting, WatchedFile
from tasks.steps.detection import facts_of

_ENDS = 64 * 1024


@dataclass(kw_only=True)
class FileBook:
    """
    The files of one server by path. ``logs`` are passed over: they grow beside the dumps and are no crash.

    ``settle_s`` is how long a file has to rest that no writer closed before our eyes.
    """

    logs: frozenset[str]
    settle_s: float
    tell: Callable[[str], None]
    _files: dict[str, WatchedFile] = field(default_factory=dict)
    _open: dict[str, None] = field(default_factory=dict)
    _refused: set[str] = field(default_factory=set)

    def see(self, path: str, seen: Sighting) -> None:
        """Take a sighting of a file."""
        before = self._files.get(path)
        if before is not None and before.is_recorded and before.identity == seen.identity:
            return
        if before is None and not self._is_considered(path):
            return
        file = captures.observe(before, seen)
        if file.records and not file.is_recorded:
            head, _ = folders.read_ends(path, parsers.HEAD)
            file = replace(file, is_text=parsers.kind_of(head) == "text")
        self._files[path] = file
        self._open[path] = None

    def keep_only(self, folder: Path, present: Iterable[str]) -> None:
        """Forget the files that a whole look at a folder did not find."""
        gone = [path for path in self._files.keys() - set(present) if Path(path).parent == folder]
        for path in gone:
            if folders.look(path) is None:
                self._drop(path)

    def take_complete(self, limit: int) -> list[DumpFacts]:
        """Return up to ``limit`` files that are complete; from now on they count as recorded."""
        found: list[DumpFacts] = []
        for path in list(self._open):
            if len(found) == limit:
                break
            if self._remaining_s(path) == 0.0 and self._is_complete(path):
                file = self._files[path]
                self._files[path] = captures.recorded(file)
                del self._open[path]
                found.append(facts_of(os.path.realpath(path), file.identity))
        return found

    def wait_s(self) -> float:
        """Return the seconds until the next file is complete, as far as nothing happens to it."""
        return min((self._remaining_s(path) for path in self._open), default=float("inf"))

    def _remaining_s(self, path: str) -> float:
        remaining = captures.remaining_s(self._files[path], time.monotonic(), self.settle_s)
        return float("inf") if remaining is None else remaining

    def _is_complete(self, path: str) -> bool:
        """Look again at a file that is due: it may have changed or gone, or be a report without its end."""
        status = folders.look(path)
        if status is None:
            self._drop(path)
            return False
        file = captures.observe(self._files[path], folders.sighting(status))
        if not file.is_closed and not file.lacks_end and captures.lacks_end(*folders.read_ends(path, _ENDS)):
            file = replace(file, lacks_end=True)
        self._files[path] = file
        return self._remaining_s(path) == 0.0

    def _drop(self, path: str) -> None:
        self._files.pop(path, None)
        self._open.pop(path, None)

    def _is_considered(self, path: str) -> bool:
        if not captures.is_considered(Path(path).name) or path in self._refused:
            return False
        real = os.path.realpath(path)
        if not real.isprintable():
            self._refused.add(path)
            self.tell(f"The name of {path!a} can't be stored; rename the file so that it is recorded.")
            return False
        return not any(log_names.is_of(real, log) for log in self.logs)
