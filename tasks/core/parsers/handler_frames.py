"""
The frames of a stack that a program printed itself, put into the order and the names that a debugger gives them.

The handler that prints lies on top of the frame that the signal interrupted, and glibc does not name the trampoline
between them; glog states the program counter above all; backward-cpp prints the innermost last.
"""

import re
from collections.abc import Sequence

from tasks.core.crash import Frame
from tasks.core.parsers import backtrace_frames
from tasks.core.parsers.last_words import LastWords

_C_LIBRARY = re.compile(r"libc(?:-[\d.]+)?\.so|libpthread|ld-|libc\.musl")
_STARTS = frozenset({"__libc_start_main", "__libc_start_call_main", "start_thread", "clone", "clone3", "_start"})
_TRAMPOLINE = "<signal handler called>"
_NEAR_TRAMPOLINE = frozenset({"killpg", "funlockfile"})
"""The nearest symbols below glibc's signal trampoline, which has none of its own."""

_HANDLER = re.compile(
    r"sig(?:nal|segv|abrt|action)?_?\w{0,20}handler|handle_?\w{0,20}signal|crash_?handler", re.IGNORECASE
)
_HANDLER_DEPTH = 5
_SITE_DEPTH = 16


def in_order(rows: Sequence[tuple[int, Frame]]) -> list[Frame]:
    """Number the frames from the innermost; rows are numbers and frames as they were printed."""
    rows = _below_counter(rows)
    ordered = reversed(rows) if rows[0][0] > 0 and _is_backward(rows) else rows
    return [frame if frame.index == index else frame.numbered(index) for index, (_, frame) in enumerate(ordered)]


def _is_backward(rows: Sequence[tuple[int, Frame]]) -> bool:
    """Tell whether the numbers fall; rows without one belong to the row above them."""
    numbers = [rows[0][0]]
    for number, _ in rows[1:]:
        numbers.append(numbers[-1] if number < 0 else number)
    return numbers[0] > numbers[-1] >= 0 and numbers == sorted(numbers, reverse=True)


def is_library(frame: Frame) -> bool:
    """Tell whether the frame's module is a shared library."""
    name = (frame.module or "").rpartition("/")[2]
    return ".so" in name or bool(_C_LIBRARY.match(name)) or name.endswith(".dylib")


def below_signal(frames: Sequence[Frame]) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    """Name the frame of the signal: the first of the C library without a name, where a handler printed the stack."""
    for index, frame in enumerate(frames[:_HANDLER_DEPTH]):
        is_below_handler = index > 0 and bool(_HANDLER.search(frames[index - 1].function or ""))
        if frame.function in _NEAR_TRAMPOLINE or (frame.function is None and is_below_handler):
            return _named(frames, index)
        if index == 0 or not _is_c_library(frame):
            continue
        below = frames[index + 1 :]
        ours = next((position for position, other in enumerate(below) if not is_library(other)), None)
        if frame.function is not None or ours is None or any(other.function in _STARTS for other in below[:ours]):
            break
        return _named(frames, index)
    return tuple(frames), ()


def with_site(frames: tuple[Frame, ...], spoken: LastWords) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    """Name the function of a failed assertion where the stack does not: the one that called ``abort``, else on top."""
    name = (spoken.function or "").partition("(")[0].rpartition(" ")[2]
    last = name.rpartition("::")[2]
    if not last or any(frame.function and last in frame.function for frame in frames[:_SITE_DEPTH]):
        return frames, ()
    stated = {"function": spoken.function, "file": spoken.file, "line": spoken.line}
    ending = next((i for i, frame in enumerate(frames) if frame.function in {"abort", "__assert_fail"}), None)
    note = ("The function of the failed assertion is not in the stack: its words name it.",)
    if ending is None:
        top = Frame(index=0, function=spoken.function, file=spoken.file, line=spoken.line)
        return (top, *(frame.numbered(frame.index + 1) for frame in frames)), note
    caller = next((i for i in range(ending + 1, len(frames)) if not _is_c_library(frames[i])), None)
    if caller is None or frames[caller].function is not None:
        return frames, ()
    named = frames[caller]._replace(**stated)  # type: ignore[arg-type]
    return (*frames[:caller], named, *frames[caller + 1 :]), note


def _below_counter(rows: Sequence[tuple[int, Frame]]) -> Sequence[tuple[int, Frame]]:
    """Drop the line of the program counter, and what stands above its place in the stack: handler and trampoline."""
    if rows[0][0] != backtrace_frames.COUNTER:
        return rows
    address = rows[0][1].address
    place = next((i for i, (_, frame) in enumerate(rows[1 : _HANDLER_DEPTH + 1], 1) if frame.address == address), 0)
    return rows[place:]


def _is_c_library(frame: Frame) -> bool:
    return bool(_C_LIBRARY.match((frame.module or "").rpartition("/")[2]))


def _named(frames: Sequence[Frame], index: int) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    named = frames[index]._replace(function=_TRAMPOLINE)
    note = f"The first {index} frames are of the signal handler that printed the stack."
    return (*frames[:index], named, *frames[index + 1 :]), (note,) if index else ()
