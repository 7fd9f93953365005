"""
Logs of programs that print their own stack when they die: Android's debuggerd, Chromium, V8, WebKit, glibc,
LLVM.

A line says why (``Fatal signal 11 (SIGSEGV)``, ``[...:FATAL:file.cc(12)]``, ``# Fatal error in``, ``Received signal
11``, ``*** Error in``), and a stack follows in one of several layouts. A log can hold many deaths: each tombstone is
one.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from tasks.core.crash import Crash, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import native_frames, posix, printed_words, sanitizer_frames, signal_cause
from tasks.core.parsers.literals import Literals

NAME = "native_log"

FRAMES_LIMIT = 512
DEATHS_LIMIT = 256
_REPEATED = 1024
"""Lines kept of one text: a log can hold the same death many times."""

_SIGN = re.compile(
    rb"Fatal signal \d{1,3} \(SIG|signal \d{1,3} \(SIG[A-Z]{2,8}\), code |:FATAL:[^\s:]{1,300}[(:]\d{1,7}[)\]]"
    rb"|# Fatal (?:error|process)|==== C stack trace ==|Received signal \d{1,3}\b"
    rb"|ASSERTION FAILED: [^\n]{1,1000}\n[^\n]{1,1000}\(\d"
    rb"|\*\*\* (?:Error in `|stack smashing|buffer overflow)|\] Check failed: |======= Backtrace: ==="
    rb"|FATAL ERROR: [^\n]{1,300}Allocation failed - |^Stack dump(?: without symbol names[^\n]{0,200})?:\s*$",
    re.MULTILINE,
)
_SIGNPOSTS = Literals(
    (
        b"Fatal signal ",
        b"(SIG",
        b":FATAL:",
        b"# Fatal ",
        b"==== C stack trace",
        b"Received signal ",
        b"ASSERTION FAILED: ",
        b"*** Error in `",
        b"*** stack smashing",
        b"*** buffer overflow",
        b"] Check failed: ",
        b"======= Backtrace: ",
        b"Stack dump",
        b"Allocation failed - ",
    )
)
_TOMBSTONE = b"*** *** *** *** ***"
_WINDOW = 4096
_WORDS_LIMIT = 64 * 1024
_LINE_LIMIT = 2000
_ECHO_REACH = 40
_SILENCE_LIMIT = 400
_ANDROID_SIGNAL = re.compile(
    r"signal (\d{1,3}) \((SIG[A-Z]{2,8})\)(?:, code -?\d{1,10}(?: \(\w{1,30}\))?)?"
    r"(?:.{0,80}?fault addr (?:0x)?([0-9a-fA-F]{1,16})\b)?"
)
_POSIX_SIGNAL = re.compile(r"Received signal (\d{1,3})(?: [\w<>]{1,30})?(?: (?:0x)?([0-9a-f]{8,16})\b)?")
_PROCESS = re.compile(r"pid: \d{1,9}, tid: (\d{1,9}), name: (.{1,100}?)\s+>>> (\S{1,400}) <<<")
_FINGERPRINT = re.compile(r"Build fingerprint: '?([^'\s]{1,300})")
_TIMESTAMP = re.compile(r"Timestamp: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{6})\d*)?([+-]\d\d):?(\d\d)")
_OTHER_DEBUGGER = re.compile(rb"^#\d{1,6} [^\n]{1,2000}\) (?:at [^\n]{1,1000}:\d|from /)", re.MULTILINE)


@dataclass(kw_only=True)
class _Death:
    """One death as the log tells it: the words, and the stack that follows the first sign."""

    words: list[str] = field(default_factory=list)
    size: int = 0
    frames: list[Frame] = field(default_factory=list)
    left_out: int = 0
    echoes: int = 0
    silence: int = 0
    is_complete: bool = False
    is_over: bool = False
    first_number: int = 0


def sniff(head: bytes) -> bool:
    """Tell whether a text holds one of the lines with which these programs announce their death."""
    return any(_SIGN.search(head, max(0, at - _WINDOW), at + _WINDOW) for at in sorted(_SIGNPOSTS.places(head)))


def parse(content: bytes) -> list[Crash]:
    """
    Read every death with a stack, in the order of the log.

    Raises:
        UnrecognisedError: no death has a stack in one of the layouts of these programs.
    """
    if _is_of_debugger(content[: 1 << 20]):
        raise UnrecognisedError("The stack is a debugger's: it is read as such.")
    deaths = [death for death in _deaths(content) if death.frames]
    if not deaths:
        raise UnrecognisedError("The log tells of a death but holds no stack: give the lines that follow, or the dump.")
    return [_crash(death) for death in deaths]


def _is_of_debugger(head: bytes) -> bool:
    return (b"\n#" in head or head.startswith(b"#")) and _OTHER_DEBUGGER.search(head) is not None


def _deaths(content: bytes) -> list[_Death]:
    start = max(0, _SIGNPOSTS.first_place(content) - _WINDOW)
    stream = io.BytesIO(content)
    stream.seek(content.rfind(b"\n", 0, start) + 1)
    deaths = [_Death()]
    is_told = False
    read = lru_cache(maxsize=_REPEATED)(native_frames.read)
    for raw in stream:
        death = deaths[-1]
        if _TOMBSTONE in raw and death.frames:
            if len(deaths) >= DEATHS_LIMIT:
                break
            deaths.append(_Death())
            continue
        if death.is_over:
            following = content.find(_TOMBSTONE, stream.tell())
            if following < 0:
                break
            stream.seek(content.rfind(b"\n", 0, following) + 1)
            continue
        if death.left_out and b"0x" in raw:
            death.left_out += 1
            continue
        found = read(raw) if is_told or death.frames else None
        if found is not None:
            _add(death, *found)
        elif not raw.isspace():
            is_told = is_told or _SIGNPOSTS.is_any_in(raw)
            _hear(death, raw)
    return deaths


def _add(death: _Death, number: int, frame: Frame) -> None:
    """A stack ends where the numbers start again: what follows is a second copy, or of another thread."""
    if death.is_complete and (number < 0 or number <= death.first_number + len(death.frames) - 1):
        death.echoes += 1
        death.is_over = death.is_over or death.silence > _ECHO_REACH or death.echoes > FRAMES_LIMIT
        return
    if not death.frames:
        death.first_number = max(0, number)
    death.is_complete = False
    death.silence = 0
    if len(death.frames) < FRAMES_LIMIT:
        death.frames.append(frame.numbered(len(death.frames)))
    else:
        death.left_out += 1


def _hear(death: _Death, raw: bytes) -> None:
    if death.frames:
        death.is_complete = True
        death.silence += 1
        death.is_over = death.silence > _SILENCE_LIMIT
    if death.size > _WORDS_LIMIT:
        del death.words[: len(death.words) // 2]
        death.size = sum(map(len, death.words))
    line = sanitizer_frames.decode(raw[:_LINE_LIMIT]).rstrip("\r\n")
    death.words.append(line)
    death.size += len(line)


def _crash(death: _Death) -> Crash:
    said = "\n".join(death.words)
    signal, address = _signal(said)
    frames = tuple(_with_inlined(death.frames))
    signal = signal or printed_words.shell_signal(said)
    explained, reasons = signal_cause.explain(signal, frames, address, said)
    process = _PROCESS.search(said)
    build = _FINGERPRINT.search(said)
    thread = Thread(
        id=process[1] if process else "1", name=process[2] if process else None, is_crashed=True, frames=frames
    )
    return Crash(
        format=NAME,
        exception=explained,
        threads=(thread,),
        build=build[1] if build else None,
        executable=process[3] if process else None,
        occurred_at=_time(said),
        is_complete=death.first_number <= 1,
        notes=(*reasons, *_remarks(death)),
    )


def _signal(said: str) -> tuple[str | None, int | None]:
    for pattern, number_group, address_group in ((_ANDROID_SIGNAL, 1, 3), (_POSIX_SIGNAL, 1, 2)):
        match = pattern.search(said)
        if match:
            address = match[address_group]
            return posix.signal_name(match[number_group]), int(address, 16) if address else None
    return None, None


def _time(said: str) -> datetime | None:
    match = _TIMESTAMP.search(said)
    if match is None:
        return None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}.{match[3] or '000000'}{match[4]}:{match[5]}")
    except ValueError:
        return None


def _with_inlined(frames: list[Frame]) -> Iterator[Frame]:
    for frame, below in zip(frames, [*frames[1:], None], strict=True):
        is_same = below is not None and frame.address is not None and below.address == frame.address
        is_other = below is not None and (frame.function, frame.line) != (below.function, below.line)
        yield frame._replace(is_inlined=True) if is_same and is_other else frame


def _remarks(death: _Death) -> Iterator[str]:
    if death.left_out:
        yield f"The stack has {death.left_out} more frames; the first {FRAMES_LIMIT} were kept."
