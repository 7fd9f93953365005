"""
What every later stage may rely on, whatever a text said: numbers that a column can hold, texts of bounded length.

Readers take numbers and names as they stand, for a text is hostile and no reader should have to think of columns. What
no program, file or memory can have (a line above 2**31, an address above 2**64) is dropped, not changed.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tasks.core.crash import Crash, CrashException, Frame, Thread

TEXT_LIMIT = 4096
"""Characters of a name, path, note or list of arguments."""
MESSAGE_LIMIT = 8192
WORD_LIMIT = 256
"""Characters of a thread's id or name, of a code or a build."""
LIST_LIMIT = 256
"""Notes of a crash, and words of its command line."""

_FIRST_YEAR, _LAST_YEAR = 1980, 2200


def hold(crash: Crash) -> Crash:
    """Return the crash within bounds."""
    if _is_within(crash):
        return crash
    return replace(
        crash,
        exception=_exception(crash.exception),
        threads=tuple(_thread(thread) for thread in crash.threads),
        build=_cut(crash.build, WORD_LIMIT),
        executable=_cut(crash.executable, TEXT_LIMIT),
        command_line=_texts(crash.command_line),
        occurred_at=_time(crash.occurred_at),
        notes=_texts(crash.notes),
    )


def _is_within(crash: Crash) -> bool:
    """Tell whether nothing is to do, as for nearly every crash: a log may hold hundreds."""
    return (
        all(_thread(thread) is thread for thread in crash.threads)
        and _exception(crash.exception) is crash.exception
        and len(crash.build or "") <= WORD_LIMIT
        and len(crash.executable or "") <= TEXT_LIMIT
        and _time(crash.occurred_at) is crash.occurred_at
        and all(len(texts) <= LIST_LIMIT for texts in (crash.notes, crash.command_line))
        and all(len(text) <= TEXT_LIMIT for text in (*crash.notes, *crash.command_line))
    )


def _thread(thread: Thread) -> Thread:
    is_held = _is_held(thread.frames) and len(thread.id) + len(thread.name or "") <= WORD_LIMIT
    if is_held:
        return thread
    return replace(
        thread,
        id=thread.id[:WORD_LIMIT],
        name=_cut(thread.name, WORD_LIMIT),
        frames=tuple(_frame(frame, position) for position, frame in enumerate(thread.frames)),
    )


def _is_held(frames: Iterable[Frame]) -> bool:
    """Tell whether nothing is to do, as for nearly every thread. Shifts are zero for what fits only, not below zero."""
    for index, function, file, line, module, offset, address, _, arguments in frames:
        if (
            index >> 31
            or (line is not None and (line >> 31 or not line))
            or (address and address >> 64)
            or (offset and offset >> 64)
            or len(function or "") + len(file or "") + len(module or "") + len(arguments) > TEXT_LIMIT
        ):
            return False
    return True


def _frame(frame: Frame, position: int) -> Frame:
    return frame._replace(
        index=position if frame.index >> 31 else frame.index,
        function=_cut(frame.function, TEXT_LIMIT),
        file=_cut(frame.file, TEXT_LIMIT),
        line=frame.line if frame.line and not frame.line >> 31 else None,
        module=_cut(frame.module, TEXT_LIMIT),
        offset=_address(frame.offset),
        address=_address(frame.address),
        arguments=frame.arguments[:TEXT_LIMIT],
    )


def _exception(exception: CrashException) -> CrashException:
    said = f"{exception.code}{exception.signal}{exception.message}{exception.site}"
    if len(said) <= WORD_LIMIT and not (exception.address or 0) >> 64:
        return exception
    return replace(
        exception,
        code=_cut(exception.code, WORD_LIMIT),
        signal=_cut(exception.signal, WORD_LIMIT),
        address=_address(exception.address),
        message=_cut(exception.message, MESSAGE_LIMIT),
        site=_cut(exception.site, TEXT_LIMIT),
    )


def _address(value: int | None) -> int | None:
    return None if value is None or value >> 64 else value


def _cut(text: str | None, limit: int) -> str | None:
    return None if text is None else text[:limit]


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text[:TEXT_LIMIT] for text in texts)[:LIST_LIMIT]


def _time(at: datetime | None) -> datetime | None:
    """No server died before it could, and times at the ends of the calendar can't be moved to another zone."""
    return at if at is not None and _FIRST_YEAR <= at.year < _LAST_YEAR else None
