"""
Stacks that a program printed itself, without a debugger and with few words: ``backtrace_symbols``, ACE, Boost, glog.

Posts and consoles hold such a list alone, below the words of an assertion, or below what a signal handler said. The
handler's own frames lie on top of the signal's, which glibc does not name.
"""

import io
import itertools
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import backtrace_frames, last_words, posix, signal_cause
from tasks.core.parsers.last_words import LastWords

NAME = "backtrace_symbols_text"

FRAMES_LIMIT = 512
STACKS_LIMIT = 256

_SIGN = re.compile(
    rb"^[^\S\n]*(?:[^\s()\[\]\n][^()\[\]\n]{0,400}\([^\n]{0,4096}?\) ?\[0x[0-9a-fA-F]{1,16}\]"
    rb"|[^\s()\n][^()\n]{0,2000}\(\)\+0x[0-9a-fA-F]{1,16} \[0x[0-9a-fA-F]{1,16}\]"
    rb"|\[0x[0-9a-fA-F]{1,16}\]"
    rb"|\d{1,4}# (?:0x[0-9a-fA-F]{4,16}|\S{1,400}[^\S\n]*\r?$|[^\n]{0,4096}?(?:::|\(| at | in )[^\n]+)"
    rb"|\d{1,4}> [^\n]{1,2000}?\w![\w`<?~][^\n]{0,2000}\+0x[0-9a-fA-F]{1,16}"
    rb"|#\d{1,4} {1,8}(?:\| )?(?:Object|Source) \"[^\"\n]{0,1000}\", (?:at|line) [^\n]+"
    rb"|@ {1,24}(?:0x[0-9a-fA-F]{5,16}|[0-9a-fA-F]{16}) {1,16}\S[^\n]*"
    rb"|\d{1,4}\. [^\n]{1,5000}? @ 0x[0-9a-fA-F]{1,16}[^\n]*"
    rb"|\d{1,4}\. [^\n(\[]{1,400}\([^\n]{0,4096}\) ?\[0x[0-9a-f]+\]"
    rb"|frame #\d{1,4}: [^\n]{1,5000}? \(0x[0-9a-fA-F]{1,16} in [^\n]{1,1000}\)"
    rb"|[^\n]{0,200}?0x[0-9a-fA-F]{8,16} [^\s!]{1,260}![^\n]{1,5000}?(?:\(\+0x[0-9a-fA-F]{1,16}\)|:\d{1,9}\])"
    rb"|[^\n]{1,1000}?\"frame\":\{\"a\":\"[^\n]+"
    rb"|\d{1,4} {1,4}\S[^\n]{0,60} {1,40}0x[0-9a-fA-F]{8,16} [^\n]{1,4096} \+ \d{1,20})[^\S\n]*\r?$",
    re.MULTILINE,
)
_SIGNPOSTS = (
    b"[0x",
    b"0# ",
    b"1# ",
    b"0> ",
    b"1> ",
    b'Object "',
    b'Source "',
    b"    @ ",
    b" @ 0x",
    b" + ",
    b"frame #0: ",
    b"(+0x",
    b"0x0000",
    b'"frame":{"a":',
)
_WINDOW = 8192
_TRIES_LIMIT = 20
_WORDS_LIMIT = 64 * 1024
_LINE_LIMIT = 2000
_SILENCE = 3
"""Lines that may stand between two frames of one stack: warnings of the symboliser and blank lines of posts."""

_SIGNAL = re.compile(r"\b(SIG(?:SEGV|ABRT|FPE|ILL|BUS|TRAP|SYS))\b|\b[Ss]ignal:? ?(?:#|no\. )?(\d{1,2})\b")
_FAULT = re.compile(
    r"(?:\(@|\(SIG[A-Z]{2,8}\) \(|fault(?:ing)? addr(?:ess)?:? |[Aa]ccess(?:ing)? (?:at )?address:? |Address: "
    r"|memory at address |Address not mapped to object \[|\baddr:)(NULL pointer|\(nil\)|0x[0-9a-fA-F]{1,16}|0\b)"
)
_ACCESS = re.compile(r"Access: (read|write)|attempt to (read|write) memory")
_SNIPPET = re.compile(rb"\s{4,12}>?\s{0,12}\d{1,7}: ")
"""A line of source code that backward-cpp prints below a frame."""

_TRAMPOLINES = frozenset({"killpg", "funlockfile"})
"""The nearest symbols below glibc's signal trampoline, which has none of its own."""

_HANDLER = re.compile(r"(?i)signal_?handler|sig_?handler|handle_?(?:fatal_?)?signal")
_THROWN = re.compile(
    r"terminate called after throwing an instance of '([^'\n]{1,1000})'(?:\s{1,80}what\(\):[ \t]*([^\n]{0,1000}))?"
)
_SHELL_WORDS = (("Segmentation fault", "SIGSEGV"), ("Floating point exception", "SIGFPE"), ("Aborted", "SIGABRT"))
_C_LIBRARY = re.compile(r"libc(?:-[\d.]+)?\.so|libpthread|ld-|libc\.musl")
_STARTS = ("__libc_start_main", "__libc_start_call_main", "start_thread", "clone", "clone3", "_start")
_HANDLER_DEPTH = 5
_SITE_DEPTH = 16


@dataclass
class _Stack:
    """One printed stack, and what was said since the one before."""

    words: list[str] = field(default_factory=list)
    size: int = 0
    rows: list[tuple[int, Frame]] = field(default_factory=list)
    left_out: int = 0


def sniff(head: bytes) -> bool:
    """Tell whether two lines near each other are frames in one of these layouts."""
    return any(_place(head, signpost) is not None for signpost in _SIGNPOSTS)


def parse(content: bytes) -> list[Crash]:
    """
    Read every stack that words of a death precede, in the order of the text; at least the first.

    Raises:
        UnrecognisedError: the text holds no stack of at least two frames.
    """
    stacks = [stack for stack in _stacks(content) if len(stack.rows) > 1]
    if not stacks:
        raise UnrecognisedError("The text holds no list of frames that crashflow reads: give the whole output.")
    told = [stack for stack in stacks[1:] if _says_death("\n".join(stack.words))]
    return [_crash(stack) for stack in (stacks[0], *told)]


def _place(head: bytes, signpost: bytes) -> int | None:
    """Return where a stack begins that has the signpost; look-alikes before it are passed over."""
    position = head.find(signpost)
    for _ in range(_TRIES_LIMIT):
        if position < 0:
            return None
        start = max(0, head.rfind(b"\n", 0, position))
        if _has_stack(head, start):
            return start
        position = head.find(signpost, position + _WINDOW // 2)
    return None


def _has_stack(head: bytes, start: int) -> bool:
    return len(list(itertools.islice(_SIGN.finditer(head, start, start + _WINDOW), 2))) > 1


def _stacks(content: bytes) -> list[_Stack]:
    stacks = [_Stack()]
    silence = 0
    places = [place for signpost in _SIGNPOSTS if (place := _place(content, signpost)) is not None]
    stream = io.BytesIO(content)
    stream.seek(content.rfind(b"\n", 0, max(0, min(places, default=0) - _WORDS_LIMIT)) + 1)
    for raw in stream:
        stack = stacks[-1]
        if stack.left_out and b"0x" in raw:
            stack.left_out += 1
            continue
        found = backtrace_frames.read(raw)
        if found is None:
            if stack.rows and _continue(stack, raw):
                continue
            silence += 0 if raw.isspace() else 1
            if silence > _SILENCE and stack.rows and len(stacks) < STACKS_LIMIT:
                stacks.append(_Stack())
            if not raw.isspace():
                _hear(stacks[-1], raw)
            continue
        number, frame = found
        is_again = bool(stack.rows) and number >= 0 and number == stack.rows[0][0]
        if is_again and len(stacks) < STACKS_LIMIT:
            stacks.append(_Stack())
        silence = 0
        if len(stacks[-1].rows) < FRAMES_LIMIT:
            stacks[-1].rows.append((number, frame))
        else:
            stacks[-1].left_out += 1
    return stacks


def _continue(stack: _Stack, raw: bytes) -> bool:
    """Pass over a line that belongs to the frame above it; it may state the frame's place."""
    place = backtrace_frames.continued(raw)
    number, frame = stack.rows[-1]
    if place and frame.file is None:
        stack.rows[-1] = (number, replace(frame, file=place[0], line=place[1]))
    return bool(place) or _SNIPPET.match(raw) is not None


def _hear(stack: _Stack, raw: bytes) -> None:
    """Keep the last words before a stack, and the first behind it."""
    line = backtrace_frames.decode(raw[:_LINE_LIMIT]).rstrip("\r\n")
    stack.words.append(line)
    stack.size += len(line)
    if stack.size > _WORDS_LIMIT and not stack.rows:
        del stack.words[: len(stack.words) // 2]
        stack.size = sum(map(len, stack.words))


def _crash(stack: _Stack) -> Crash:
    said = "\n".join(stack.words)
    frames, notes = _below_signal(_in_order(stack.rows), said)
    spoken = last_words.find(said)
    if spoken and spoken.function and spoken.kind == "assertion":
        frames, told = _with_site(frames, spoken)
        notes = (*notes, *told)
    explained, reasons = _explain(frames, said)
    left_out = (
        (f"The stack has {stack.left_out} more frames; the first {FRAMES_LIMIT} were kept.",) if stack.left_out else ()
    )
    program = next((frame.module for frame in frames if frame.module and not _is_library(frame)), None)
    return Crash(
        format=NAME,
        exception=explained,
        threads=(Thread(id="1", is_crashed=True, frames=frames),),
        executable=program,
        is_complete=not stack.left_out,
        notes=(*notes, *reasons, *left_out),
    )


def _explain(frames: Sequence[Frame], said: str) -> tuple[CrashException, tuple[str, ...]]:
    stated = _SIGNAL.search(said)
    signal = posix.signal_name(stated[1] or stated[2]) if stated else None
    if signal is None:
        signal = next((name for words, name in _SHELL_WORDS if words in said), None)
    fault = _FAULT.search(said)
    address = int(fault[1], 16) if fault and fault[1][0] == "0" else 0 if fault else None
    explained, reasons = signal_cause.explain(signal, frames, address, said)
    access = _ACCESS.search(said)
    if access and explained.kind == "access_violation":
        explained = replace(explained, access="read" if "read" in access.groups() else "write")
    thrown = _THROWN.search(said)
    if thrown and explained.kind in {"abort", "unknown"}:
        message = f"{thrown[1]}: {thrown[2].strip()}" if thrown[2] else thrown[1]
        return CrashException(kind="cpp_exception", signal="SIGABRT", message=message), ()
    return explained, reasons


def _in_order(rows: Sequence[tuple[int, Frame]]) -> list[Frame]:
    """Number the frames; backward-cpp prints the innermost last."""
    rows = _without_counter(rows)
    numbers = [rows[0][0]]
    for number, _ in rows[1:]:
        numbers.append(numbers[-1] if number < 0 <= numbers[0] else number)
    is_backward = numbers[0] > numbers[-1] >= 0 and numbers == sorted(numbers, reverse=True)
    ordered = reversed(rows) if is_backward else rows
    frames = [replace(frame, index=index) for index, (_, frame) in enumerate(ordered)]
    is_repeated = len(frames) > 1 and frames[0].address is not None and frames[0].address == frames[1].address
    is_glog = is_repeated and frames[0].function == frames[1].function and numbers[0] < 0
    return [replace(frame, index=index) for index, frame in enumerate(frames[1:])] if is_glog else frames


def _without_counter(rows: Sequence[tuple[int, Frame]]) -> Sequence[tuple[int, Frame]]:
    """Drop the line of the program counter; the frame before its place in the stack is the signal's."""
    if rows[0][0] != backtrace_frames.COUNTER or len(rows) < 2:
        return rows
    counter, below = rows[0][1], list(rows[1:])
    place = next((i for i, (_, frame) in enumerate(below[:_HANDLER_DEPTH]) if frame.address == counter.address), None)
    if place:
        number, frame = below[place - 1]
        below[place - 1] = (number, replace(frame, function="<signal handler called>"))
    return below


def _is_library(frame: Frame) -> bool:
    name = posixpath.basename(frame.module or "")
    return ".so" in name or bool(_C_LIBRARY.match(name)) or name.endswith(".dylib")


def _is_c_library(frame: Frame) -> bool:
    return bool(_C_LIBRARY.match(posixpath.basename(frame.module or "")))


def _below_signal(frames: list[Frame], said: str) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    """Name the frame of the signal: the first of the C library without a name, where a handler printed the stack."""
    if not _says_signal(said):
        return tuple(frames), ()
    for index, frame in enumerate(frames[:_HANDLER_DEPTH]):
        is_below_handler = index > 0 and bool(_HANDLER.search(frames[index - 1].function or ""))
        if frame.function in _TRAMPOLINES or (frame.function is None and is_below_handler):
            return _named(frames, index)
        if index == 0 or not _is_c_library(frame):
            continue
        below = frames[index + 1 :]
        ours = next((position for position, other in enumerate(below) if not _is_library(other)), None)
        start = next((position for position, other in enumerate(below) if other.function in _STARTS), len(below))
        if frame.function is not None or ours is None or ours > start:
            break
        return _named(frames, index)
    return tuple(frames), ()


def _named(frames: list[Frame], index: int) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    named = replace(frames[index], function="<signal handler called>")
    note = f"The first {index} frames are of the signal handler that printed the stack."
    return (*frames[:index], named, *frames[index + 1 :]), (note,) if index else ()


def _says_signal(said: str) -> bool:
    return bool(_SIGNAL.search(said)) or any(words in said for words, _ in _SHELL_WORDS)


def _says_death(said: str) -> bool:
    return _says_signal(said) or last_words.find(said) is not None


def _with_site(frames: tuple[Frame, ...], spoken: LastWords) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
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
        return (top, *(replace(frame, index=frame.index + 1) for frame in frames)), note
    caller = next((i for i in range(ending + 1, len(frames)) if not _is_c_library(frames[i])), None)
    if caller is None or frames[caller].function is not None:
        return frames, ()
    named = replace(frames[caller], **stated)  # type: ignore[arg-type]
    return (*frames[:caller], named, *frames[caller + 1 :]), note
