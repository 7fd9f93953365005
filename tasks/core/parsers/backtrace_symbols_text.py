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
from tasks.core.parsers import backtrace_frames, cause, last_words, posix, signal_cause
from tasks.core.parsers.last_words import LastWords

NAME = "backtrace_symbols_text"

FRAMES_LIMIT = 512
STACKS_LIMIT = 256

_SIGN = re.compile(
    rb"^[^\S\n]*(?:[^\s()\[\]\n][^\n]{0,4600}?\) ?\[0x[0-9a-fA-F]{1,16}\]"
    rb"|[^\s()\n][^()\n]{0,2000}\(\)\+0x[0-9a-fA-F]{1,16} \[0x[0-9a-fA-F]{1,16}\]"
    rb"|(?:[^\s()\[\]\n][^()\[\]\n]{0,400})?\[0x[0-9a-fA-F]{1,16}\]"
    rb"|\d{1,4}# (?:0x[0-9a-fA-F]{4,16}|\S{1,400}[^\S\n]*\r?$|(?=[^\n]{0,4096}?(?:::|\(| at | in )[^\n])[^\n]++)"
    rb"|\d{1,4}> [^\n]{1,2000}?\w![\w`<?~][^\n]{0,2000}\+0x[0-9a-fA-F]{1,16}"
    rb"|#\d{1,4} {1,8}(?:\| )?(?:Object|Source) \"[^\"\n]{1,1000}\", (?:at|line) [^\n]*"
    rb"|@ {1,24}(?:0x)?[0-9a-fA-F]{6,16} {1,8}\S[^\n]*"
    rb"|\d{1,4}(?:\.\d{1,4})?\. [^\n]{1,4096}? @ 0x[0-9a-f]{4,16}(?: in [^\n]{1,1000})?"
    rb"|\d{1,4}\. 0x[0-9a-f]{8,16} [^\n]{1,4096}"
    rb"|(?:at|by) 0x[0-9A-F]{4,16}: [^\n]{1,4096}\)"
    rb"|#\d{1,4} {1,3}0x[0-9a-f]{8,16} [^\s<(][^\n]{0,4096}(?:\+0x[0-9a-f]{1,16}\)|:\d{1,9}:\d{1,9})"
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
    b"@ ",
    b" + ",
    b"at 0x",
    b"#0 0x",
    b". 0x",
)
_WINDOW = 8192
_WORDS_LIMIT = 64 * 1024
_LINE_LIMIT = 2000
_SILENCE = 3
"""Lines that may stand between two frames of one stack: warnings of the symboliser and blank lines of posts."""

_SIGNAL = re.compile(
    r"\b(SIG(?:SEGV|ABRT|FPE|ILL|BUS|TRAP|SYS))\b|\b[Ss]ignal:? ?(?:#|no\. )?(?:[A-Z][a-z/ ]{3,40}\()?(\d{1,2})\b"
)
_FAULT = re.compile(
    r"(?:\(@|\b[Aa]ddr(?:ess)?(?: not mapped to object \[|:? ))(?:(0x[0-9a-fA-F]{1,16})|NULL pointer|\(nil\)|0\b)"
)
_THROWN = re.compile(
    r"terminate called after throwing an instance of '([^'\n]{1,1000})'(?:\s{1,80}what\(\):[ \t]*([^\n]{0,1000}))?"
)
_SHELL_WORDS = (("Segmentation fault", "SIGSEGV"), ("Floating point exception", "SIGFPE"), ("Aborted", "SIGABRT"))
_SOURCE = re.compile(rb"\s{8,40}(\S[^\n:]{0,1000}):(\d{1,9})\s*")
"""The place of a frame where it stands on a line of its own, as folly prints it."""
_C_LIBRARY = re.compile(r"libc(?:-[\d.]+)?\.so|libpthread|ld-|libc\.musl")
_STARTS = ("__libc_start_main", "__libc_start_call_main", "start_thread", "clone", "clone3", "_start")
_HANDLER = re.compile(
    r"sig(?:nal|segv|abrt|action)?_?\w{0,20}handler|handle_?\w{0,20}signal|crash_?handler", re.IGNORECASE
)
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
    places = [at for at in map(head.find, _SIGNPOSTS) if at >= 0]
    return any(_has_stack(head, max(0, head.rfind(b"\n", 0, at))) for at in places)


def parse(content: bytes) -> list[Crash]:
    """
    Read every stack that words of a death stand beside, in the order of the text; where none has any, the first.

    Raises:
        UnrecognisedError: the text holds no stack of at least two frames.
    """
    stacks = [stack for stack in _stacks(content) if len(stack.rows) > 1]
    if not stacks:
        raise UnrecognisedError("The text holds no list of frames that crashflow reads: give the whole output.")
    told = [stack for stack in stacks if _says_death("\n".join(stack.words))]
    return [_crash(stack) for stack in told or stacks[:1]]


def _has_stack(head: bytes, start: int) -> bool:
    return len(list(itertools.islice(_SIGN.finditer(head, start, start + _WINDOW), 2))) > 1


def _stacks(content: bytes) -> list[_Stack]:
    stacks = [_Stack()]
    silence = 0
    for raw in io.BytesIO(content):
        stack = stacks[-1]
        if len(stack.rows) >= FRAMES_LIMIT and b"[0x" in raw:
            stack.left_out += 1
            continue
        found = backtrace_frames.read(raw)
        if found is None and _has_place(stack, raw):
            continue
        if found is None:
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


def _has_place(stack: _Stack, raw: bytes) -> bool:
    """Give the last frame the place that stands below it."""
    if not stack.rows or not raw.startswith(b"        ") or stack.rows[-1][1].file:
        return False
    match = _SOURCE.fullmatch(raw)
    if match:
        number, frame = stack.rows[-1]
        stack.rows[-1] = number, replace(frame, file=backtrace_frames.decode(match[1]), line=int(match[2]))
    return match is not None


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
    if not said:
        explained, reasons = cause.assume(explained, reasons, frames)
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
    address = int(fault[1] or "0", 16) if fault else None
    explained, reasons = signal_cause.explain(signal, frames, address, said)
    thrown = _THROWN.search(said)
    if thrown and explained.kind in {"abort", "unknown"}:
        message = f"{thrown[1]}: {thrown[2].strip()}" if thrown[2] else thrown[1]
        return CrashException(kind="cpp_exception", signal="SIGABRT", message=message), ()
    return explained, reasons


def _in_order(rows: Sequence[tuple[int, Frame]]) -> list[Frame]:
    """Number the frames; backward-cpp prints the innermost last."""
    numbers = [number for number, _ in rows]
    is_backward = numbers[0] > numbers[-1] >= 0 and numbers == sorted(numbers, reverse=True)
    ordered = reversed(rows) if is_backward else rows
    frames = [_numbered(frame, index) for index, (_, frame) in enumerate(ordered)]
    return _below_counter(frames) if numbers[0] < 0 else frames


def _numbered(frame: Frame, index: int) -> Frame:
    """Do what ``dataclasses.replace`` does, in a third of its time: it is done for each frame of a text."""
    return Frame(
        index=index,
        function=frame.function,
        file=frame.file,
        line=frame.line,
        module=frame.module,
        offset=frame.offset,
        address=frame.address,
        is_inlined=frame.is_inlined,
    )


def _below_counter(frames: list[Frame]) -> list[Frame]:
    """Drop glog's line of the program counter, and the signal's trampoline, which stand above the same frame."""
    top = frames[0]
    for position, frame in enumerate(frames[1:4], start=1):
        if top.address is not None and (frame.address, frame.function) == (top.address, top.function):
            return [replace(frame, index=index) for index, frame in enumerate(frames[position:])]
    return frames


def _is_library(frame: Frame) -> bool:
    name = posixpath.basename(frame.module or "")
    return ".so" in name or bool(_C_LIBRARY.match(name)) or name.endswith(".dylib")


def _is_c_library(frame: Frame) -> bool:
    return bool(_C_LIBRARY.match(posixpath.basename(frame.module or "")))


def _below_signal(frames: list[Frame], said: str) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    """Name the frame of the signal: the first of the C library without a name, where a handler printed the stack."""
    if not _says_signal(said):
        return tuple(frames), ()
    for index, frame in enumerate(frames[1:_HANDLER_DEPTH], start=1):
        is_trampoline = frame.module is None and bool(_HANDLER.search(frames[index - 1].function or ""))
        if not _is_c_library(frame) and not is_trampoline:
            continue
        below = frames[index + 1 :]
        ours = next((position for position, other in enumerate(below) if not _is_library(other)), None)
        start = next((position for position, other in enumerate(below) if other.function in _STARTS), len(below))
        if frame.function is not None or ours is None or ours > start:
            break
        named = replace(frame, function="<signal handler called>")
        note = f"The first {index} frames are of the signal handler that printed the stack."
        return (*frames[:index], named, *below), (note,)
    return tuple(frames), ()


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
