"""
The ``core_backtrace`` of ABRT (Fedora, RHEL, CentOS): JSON with the stacks that ``satyr`` unwound from a core.

``{"signal": 11, "executable": ..., "stacktrace": [{"crash_thread": true, "frames": [{"address": ...,
"build_id_offset": ..., "function_name": ..., "file_name": ...}]}]}``. No file or line is known.
"""

import re
from collections.abc import Iterator
from typing import Any

from tasks.core import encodable_json
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cause, mangling, posix, signal_cause

NAME = "core_backtrace"

FRAMES_LIMIT = 512
THREADS_LIMIT = 4096

_SIGN = re.compile(rb'"(?:crash_thread|stacktrace)"\s{0,20}:')
_WINDOW = 64 * 1024


def sniff(head: bytes) -> bool:
    """Tell whether the bytes begin a JSON object that has stacks."""
    return head.lstrip()[:1] == b"{" and b'"frames"' in head[:_WINDOW] and bool(_SIGN.search(head[:_WINDOW]))


def parse(content: bytes) -> list[Crash]:
    """
    Read the one crash of the file.

    Raises:
        UnrecognisedError: the file is cut, or no thread has a frame.
    """
    try:
        report = encodable_json.loads(content.decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise UnrecognisedError("The JSON of this core_backtrace is cut or damaged: give the whole file.") from error
    stacks = list(_stacks(report))
    if not stacks:
        raise UnrecognisedError("The JSON has no thread with frames: give the core_backtrace of ABRT.")
    crashed = next((index for index, (is_crashed, _) in enumerate(stacks) if is_crashed), 0)
    ordered = [stacks[crashed], *stacks[:crashed], *stacks[crashed + 1 :]]
    threads = tuple(
        Thread(id=str(index + 1), is_crashed=index == 0, frames=frames) for index, (_, frames) in enumerate(ordered)
    )
    frames = threads[0].frames
    signal = report.get("signal")
    name = posix.signal_name(signal) if isinstance(signal, int | str) else None
    explained, notes = signal_cause.explain(name, cause.without_clones(frames), None, "")
    exception, notes = cause.assume(explained, notes, frames)
    is_known = any(is_crashed for is_crashed, _ in stacks)
    unknown = () if is_known else ("The file marks no thread as crashed: the first was taken.",)
    executable = report.get("executable")
    return [
        Crash(
            format=NAME,
            exception=exception,
            threads=threads,
            executable=executable if isinstance(executable, str) else None,
            notes=(*notes, *unknown),
        )
    ]


def _stacks(report: Any) -> Iterator[tuple[bool, tuple[Frame, ...]]]:
    """Yield each thread's mark and frames; values of a wrong type are passed over."""
    threads = report.get("stacktrace") if isinstance(report, dict) else None
    for thread in (threads if isinstance(threads, list) else [])[:THREADS_LIMIT]:
        rows = thread.get("frames") if isinstance(thread, dict) else None
        found = [row for row in (rows if isinstance(rows, list) else [])[:FRAMES_LIMIT] if isinstance(row, dict)]
        if found:
            yield bool(thread.get("crash_thread")), tuple(_frame(index, row) for index, row in enumerate(found))


def _frame(index: int, row: dict[str, Any]) -> Frame:
    name, module = row.get("function_name"), row.get("file_name")
    return Frame(
        index=index,
        function=mangling.readable(name) if isinstance(name, str) and name not in {"", "??"} else None,
        module=module if isinstance(module, str) and module else None,
        offset=_whole(row.get("build_id_offset")),
        address=_whole(row.get("address")),
    )


def _whole(value: object) -> int | None:
    is_address = isinstance(value, int) and not isinstance(value, bool)
    return value & ((1 << 64) - 1) if is_address and isinstance(value, int) else None
