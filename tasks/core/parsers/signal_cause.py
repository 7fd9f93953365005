"""
Why a signal was raised, for texts that print a signal, a stack, and somewhere above them what the program said.

A signal alone says little: a failed check may end the program by SIGABRT, SIGILL, SIGTRAP or a wild write. The
functions on top of the stack and the last words before it decide.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from tasks.core.crash import CrashException, Frame
from tasks.core.parsers import cause, last_words
from tasks.core.parsers.cause import Evidence
from tasks.core.parsers.last_words import LastWords

_TOOL_FRAMES = re.compile(
    r"_*(?:sanitizer|interceptor|asan|ubsan|tsan|msan|lsan|hwasan)_|__(?:sanitizer|asan|ubsan|tsan|msan|lsan)::"
    r"|fuzzer::|CrashTrampolineAsm|__restore|backtrace$|base::debug::(?:StackTrace|\(anonymous namespace\)::StackDump)"
)
_TOOL_DEPTH = 16
_SITE_DEPTH = 4
_OWN_ENDS = frozenset({"abort", "assertion", "unknown", "illegal_instruction", "breakpoint"})


def explain(
    signal: str | None, frames: Sequence[Frame], address: int | None, said: str
) -> tuple[CrashException, tuple[str, ...]]:
    """
    Decide kind and message from the signal, the crashing stack, and the text that came before it.

    Returns:
        The exception and notes on where a failed check stands.
    """
    below = below_tool(frames)
    is_memory = signal in {"SIGSEGV", "SIGBUS"}
    explained, reasons = cause.explain(
        Evidence(frames=below, signal=signal, address=address if is_memory else None, text=said)
    )
    return add_words(explained, last_words.find(said), below) or (explained, reasons)


def add_words(
    explained: CrashException, spoken: LastWords | None, frames: Sequence[Frame]
) -> tuple[CrashException, tuple[str, ...]] | None:
    """Put the last words into an exception where the program ended itself; None where they are of something else."""
    is_own_end = explained.kind in _OWN_ENDS
    if spoken is None or not (is_own_end or (spoken.kind == "assertion" and _is_at(spoken, frames))):
        return None
    message = spoken.message or explained.message
    stated = replace(explained, kind=spoken.kind, message=message, site=spoken.site, site_function=spoken.function)
    return stated, spoken.notes


def below_tool(frames: Sequence[Frame]) -> Sequence[Frame]:
    """Drop the frames of the tool that prints the stack, which lie on top of the program's."""
    last = -1
    for position, frame in enumerate(frames[:_TOOL_DEPTH]):
        if frame.function and _TOOL_FRAMES.match(frame.function):
            last = position
        elif frame.function:
            break
    return frames[last + 1 :]


def _is_at(spoken: LastWords, frames: Sequence[Frame]) -> bool:
    """True where the failed check stands among the innermost functions: the fault was raised to end the program."""
    name = (spoken.function or "").partition("(")[0].rpartition(" ")[2].rpartition("::")[2]
    base = _base(spoken.file)
    for frame in frames[:_SITE_DEPTH]:
        if base and _base(frame.file) == base and frame.line in {spoken.line, None}:
            return True
        if name and frame.function and name in frame.function:
            return True
    return False


def _base(path: str | None) -> str:
    return (path or "").replace("\\", "/").rpartition("/")[2]
