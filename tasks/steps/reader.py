"""The program of one reader (``python -m tasks.steps.reader``): reads dumps and tells ``readers`` of their crashes."""

import functools
import gc
import pickle
from dataclasses import dataclass, replace

from tasks.clients import knowledge, partners
from tasks.core.configuration import ServerSettings
from tasks.core.patterns import Pattern
from tasks.steps import reading, telling
from tasks.steps.reading import DebuggerSettings
from tasks.steps.telling import ClaimedDump, Knowledge, ReadDump

_GARBAGE_THRESHOLD = 50_000


@dataclass(frozen=True, kw_only=True)
class ReadRequest:
    """
    A dump to be read. ``patterns`` are pickled once for many requests.

    The crashes of a text are left with the reader where ``is_alone`` says that nobody will compare them with others.
    """

    dump: ClaimedDump
    settings: DebuggerSettings
    server: ServerSettings
    patterns: bytes
    is_alone: bool


def answer(request: ReadRequest) -> ReadDump:
    """Read a dump and tell of its crashes."""
    read = telling.read(request.dump, request.settings)
    if read.reading is None:
        return read
    told = telling.tell(read, _knowledge(request.patterns), request.server)
    told = telling.with_threads(told, read.reading.crashes)
    is_stripped = request.is_alone and read.reading.kind == "text"
    kept = replace(read.reading, crashes=()) if is_stripped else read.reading
    return replace(read, told=told, reading=kept)


@functools.lru_cache(maxsize=1)
def _knowledge(pickled: bytes) -> Knowledge:
    patterns: tuple[Pattern, ...] = pickle.loads(pickled)  # noqa: S301 (our parent wrote it)
    return Knowledge(lists=knowledge.stack_lists(), patterns=reading.pattern_index(patterns))


if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    partners.serve(answer)
