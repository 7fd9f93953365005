"""
Text that lldb prints: ``bt``, ``bt all``, ``thread backtrace``, and the notice of a stop.

A thread's line tells its stop reason, and its frames follow: ``frame #N: 0xADDRESS MODULE`FUNCTION(ARGUMENTS) at
FILE:LINE:COLUMN``. A session can hold several stops and prints the stack of one several times; the best copy is kept.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from tasks.core.crash import Crash, CrashException, Frame, Kind, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cause, lldb_frames, posix, signal_cause, text_lines, windows_codes
from tasks.core.parsers.cause import Evidence
from tasks.core.parsers.lldb_frames import LINE_LIMIT

NAME = "lldb_text"

FRAMES_LIMIT = 512
THREADS_LIMIT = 4096
STOPS_LIMIT = 256

_REPEATED = 4096
"""Frames kept of one text: threads repeat each other's."""

_SIGN = re.compile(
    rb"^[ \t>]{0,12}(?:\* )?(?:frame #\d{1,7}: (?:0x[0-9a-fA-F]{1,16}\b|\S+`)"
    rb"|thread #\d{1,7}(?:: tid = |, (?:name|queue|stop reason) = ))",
    re.MULTILINE,
)
_SIGNPOSTS = (b"frame #", b"thread #")
_WINDOW = 4096
_THREAD = re.compile(r"[ \t>]{0,8}(\*)? {0,4}thread #(\d{1,7})")
_NAME = re.compile(r"name = '([^'\n]{1,200})'")
_REASON = "stop reason = "
_TARGET = re.compile(
    r"\(lldb\) target create (?:--core \"[^\"]{1,1000}\" )?\"([^\"]{1,1000})\""
    r"|(?:Current executable set to|Executable is) '([^']{1,1000})'"
)
_LAUNCHED = re.compile(r"Process \d{1,10} launched: '([^']{1,1000})'")
_REGISTER = re.compile(r"\s{1,12}(r[a-z0-9]{1,3}|e[a-z]{2}) = (0x[0-9a-fA-F]{1,16})\b")
_INSTRUCTION = re.compile(r"->  0x[0-9a-f]{1,16}(?: <[^>]{1,400}>)?: (\S.{0,400})")
_SIGNAL = re.compile(r"signal (SIG[A-Z0-9]{2,8}|\d{1,2})\b")
_FAULT = re.compile(r"fault address\s{0,2}[:=] ?(0x[0-9a-fA-F]{1,16})|address=(0x[0-9a-fA-F]{1,16})")
_MACH = re.compile(r"(EXC_[A-Z_]{3,40})(?: \(code=([\w.-]{1,40}))?")
_WINDOWS = re.compile(r"Exception 0x([0-9a-fA-F]{8}) encountered at address 0x[0-9a-fA-F]{1,16}(?:: (.{1,300}))?")
_WINDOWS_ACCESS = re.compile(r"(reading|writing|executing) location 0x([0-9a-fA-F]{1,16})")
_HARMLESS = re.compile(
    r"breakpoint |step |watchpoint |trace|exec$|none$|instruction step|Plan complete|signal SIGSTOP|signal 0\b"
)
_TOOL_STOPS = re.compile(
    r"(?:Use of deallocated|Heap buffer|Stack buffer|Global buffer|Invalid|Double|Data race|Use after|Wild|Undefined)"
    r"|AddressSanitizer|ThreadSanitizer|UndefinedBehavior"
)
_SAID_LIMIT = 64 * 1024


@dataclass
class _Stack:
    """One thread as it was printed; ``frames`` is the best copy so far and ``now`` the one that is being read."""

    number: int
    name: str | None = None
    reason: str = ""
    is_selected: bool = False
    frames: list[Frame] = field(default_factory=list)
    now: list[Frame] = field(default_factory=list)
    left_out: int = 0


@dataclass
class _Stop:
    """One stop of the process: its threads by number, and what was printed around it."""

    threads: dict[int, _Stack] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    said_size: int = 0
    instruction: str | None = None
    registers: dict[str, int] = field(default_factory=dict)


def sniff(head: bytes) -> bool:
    """Tell whether a text holds a thread or a frame in lldb's layout."""
    places = [at for at in map(head.find, _SIGNPOSTS) if at >= 0]
    return any(_SIGN.search(head, head.rfind(b"\n", 0, at) + 1, at + _WINDOW) for at in places)


def parse(content: bytes) -> list[Crash]:
    """
    Read every stop that is a crash, in the order of the text.

    Raises:
        UnrecognisedError: the text holds no frame.
    """
    reader = _Reader()
    for piece in text_lines.pieces(content, LINE_LIMIT):
        reader.take(piece)
    stops = reader.finish()
    if not stops:
        raise UnrecognisedError(
            "The text has words of lldb but no stack: run `bt all` in lldb and save what it prints."
        )
    return [_crash(stop, reader) for stop in stops]


class _Reader:
    def __init__(self) -> None:
        self.executable: str | None = None
        self._stops = [_Stop()]
        self._stack: _Stack | None = None
        self._frame = lru_cache(maxsize=_REPEATED)(lldb_frames.read)

    def take(self, piece: str) -> None:
        """Read whole lines."""
        for line in piece.split("\n"):
            frame = self._frame(line) if "frame #" in line else None
            now = self._stack.now if self._stack is not None else None
            if frame is None:
                self._feed(line)
            elif now and frame.index > now[-1].index and len(now) < FRAMES_LIMIT:
                now.append(frame)
            else:
                self._add(frame)

    def _feed(self, line: str) -> None:
        if "thread #" in line and (match := _THREAD.match(line)):
            self._read_thread(match, line)
        elif line and not line.isspace():
            self._read_words(line)

    def finish(self) -> list[_Stop]:
        """Return the stops with a stack; breakpoints count only where nothing else stopped the process."""
        self._close()
        told = [stop for stop in self._stops if any(stack.frames for stack in stop.threads.values())]
        return [stop for stop in told if _crashed(stop) and not _HARMLESS.match(_crashed_reason(stop))] or told[-1:]

    def _add(self, frame: Frame) -> None:
        if self._stack is None:
            self._stack = self._stops[-1].threads.setdefault(0, _Stack(1, is_selected=True))
        if self._stack.now and frame.index <= self._stack.now[-1].index:
            self._close()
        stack = self._stack
        if len(stack.now) < FRAMES_LIMIT:
            stack.now.append(frame)
        else:
            stack.left_out += 1

    def _close(self) -> None:
        """Keep the longer copy; what it lacks at its top is taken from the other."""
        stack = self._stack
        if stack is None or not stack.now:
            return
        best, other = (stack.now, stack.frames) if len(stack.now) > len(stack.frames) else (stack.frames, stack.now)
        above = [frame for frame in other if frame.index < best[0].index]
        stack.frames, stack.now = [*above, *best][:FRAMES_LIMIT], []

    def _read_thread(self, match: re.Match[str], line: str) -> None:
        self._close()
        number = int(match[2])
        reason = line.partition(_REASON)[2].strip()
        threads = self._stops[-1].threads
        known = threads.get(number)
        if reason and known and known.reason and reason != known.reason and known.frames:
            self._next_stop()
            threads = self._stops[-1].threads
            known = None
        if known is None:
            known = _Stack(number)
            if len(threads) < THREADS_LIMIT:
                threads[number] = known
        known.reason = known.reason or reason
        if not known.name and (name := _NAME.search(line)):
            known.name = name[1]
        known.is_selected = known.is_selected or match[1] is not None
        self._stack = known

    def _next_stop(self) -> None:
        """Past the limit a new stop takes the place of the last."""
        if len(self._stops) >= STOPS_LIMIT:
            self._stops.pop()
        self._stops.append(_Stop())

    def _read_words(self, line: str) -> None:
        stop = self._stops[-1]
        if line.startswith("->") and (match := _INSTRUCTION.match(line)):
            stop.instruction = match[1]
        elif " = 0x" in line and (match := _REGISTER.match(line)):
            stop.registers.setdefault(match[1], int(match[2], 16))
        elif match := _LAUNCHED.match(line):
            self.executable = match[1]
        elif match := _TARGET.match(line):
            self.executable = self.executable or match[1] or match[2]
        elif stop.said_size < _SAID_LIMIT:
            stop.said.append(line[:1000])
            stop.said_size += min(len(line), 1000)


def _crashed(stop: _Stop) -> _Stack | None:
    """Find the thread that stopped for a reason of its own; the selected one goes before others."""
    stacks = [stack for stack in stop.threads.values() if stack.frames]
    ranked = sorted(stacks, key=lambda stack: (_is_harmless(stack.reason), not stack.is_selected))
    return ranked[0] if ranked else None


def _crashed_reason(stop: _Stop) -> str:
    stack = _crashed(stop)
    return stack.reason if stack else ""


def _is_harmless(reason: str) -> bool:
    return not reason or bool(_HARMLESS.match(reason))


def _crash(stop: _Stop, reader: _Reader) -> Crash:
    crashed = _crashed(stop)
    frames = tuple(crashed.frames) if crashed else ()
    exception, reasons = _exception(stop, crashed.reason if crashed else "", frames)
    if crashed and not crashed.reason:
        exception, reasons = cause.assume(exception, reasons, frames)
    threads = tuple(
        Thread(id=str(stack.number), name=stack.name, is_crashed=stack is crashed, frames=tuple(stack.frames))
        for stack in stop.threads.values()
        if stack.frames
    )
    return Crash(
        format=NAME,
        exception=exception,
        threads=tuple(sorted(threads, key=lambda thread: not thread.is_crashed)),
        executable=reader.executable,
        is_complete=bool(frames) and frames[0].index == 0 and not (crashed and crashed.left_out),
        notes=(*reasons, *_remarks(stop, crashed)),
    )


def _exception(stop: _Stop, reason: str, frames: tuple[Frame, ...]) -> tuple[CrashException, tuple[str, ...]]:
    windows = _WINDOWS.search(reason)
    if windows:
        return _windows(windows[1].upper(), windows[2] or ""), ()
    if _TOOL_STOPS.match(reason):
        return CrashException(kind="sanitizer", message=reason[:400]), ()
    mach = _MACH.search(reason)
    signal = _SIGNAL.search(reason)
    name = posix.signal_name(mach[1]) if mach else posix.signal_name(signal[1]) if signal else None
    if mach and mach[1] == "EXC_RESOURCE" and "MEMORY" in reason:
        return CrashException(kind="out_of_memory", message=reason[:400]), ()
    fault = _FAULT.search(reason)
    address = int(fault[1] or fault[2], 16) if fault else None
    said = "\n".join(stop.said)
    frames = tuple(cause.without_clones(frames))
    explained, notes = signal_cause.explain(name, frames, address, said)
    if explained.kind != "access_violation":
        return explained, notes
    evidence = Evidence(
        frames=frames, signal=name, address=address, instruction=stop.instruction, registers=stop.registers
    )
    return cause.explain(evidence)


def _windows(code: str, words: str) -> CrashException:
    kind: Kind = windows_codes.KINDS.get(code, "unknown")
    access = _WINDOWS_ACCESS.search(words)
    if access is None:
        return CrashException(kind=kind, code=code)
    directions = {"reading": 0, "writing": 1, "executing": 8}
    way, address = windows_codes.access({0: directions[access[1]], 1: int(access[2], 16)})
    return CrashException(kind=kind, code=code, access=way, address=address)


def _remarks(stop: _Stop, crashed: _Stack | None) -> Iterable[str]:
    if crashed and _is_harmless(crashed.reason):
        yield "The text does not say why the process stopped: the selected thread was taken."
    if crashed and crashed.frames[0].index > 0:
        yield f"The stack begins at frame #{crashed.frames[0].index}: its top is missing."
    for stack in stop.threads.values():
        if stack.left_out:
            yield f"Thread {stack.number} has {stack.left_out} more frames; the first {FRAMES_LIMIT} were kept."
