"""
From the lines of a gdb text to the stacks that it prints, in one pass.

A stack begins where frame numbers start again. It belongs to the thread of the header above it (``Thread N (...):``)
and without one to the thread that was selected then. A report begins at the line that names the fatal signal.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tasks.core.crash import Frame
from tasks.core.parsers import posix
from tasks.core.parsers.gdb_frames import START, FrameScanner, read_complete

FRAMES_LIMIT = 512
"""Frames kept of one stack; endless recursion shows itself in fewer."""

STACKS_LIMIT = 1024
"""Stacks kept of one report, copies included."""

REPORTS_LIMIT = 512
"""Crashes kept of one text."""

_CHUNK = 1 << 20
_SIGNAL = re.compile(
    r"(?:(?:Program|Thread (?P<number>\d{1,6})(?: \"(?P<name>[^\"\n]{0,100})\")?)[^\n]{0,100}?"
    r" (?:received|terminated with)|It stopped with) signal (?P<signal>\w+)"
)
_THREAD = re.compile(r"Thread (\d{1,6}) (\((?:Thread|LWP|process) [^\n]{1,300}?\){1,8}(?: \(\w{1,100}\))?):?(?=\s|$)")
_SELECTED = re.compile(r"\[(Switching to thread|Switching to|Current thread is) ([^\]\n]{1,300})\]")
_TABLE = re.compile(
    r"([* ]) {0,3}(\d{1,6}) +((?:Thread|LWP|process) [^\n\"]{1,100}?(?: \"[^\"\n]{0,100}\")?) +(?=0x|[\w:~<(]\S* \()"
)
_BARE_START = re.compile(r"[ \t>]{0,8}(\d{1,4}) {1,3}(?=0x[0-9a-f]{4,16} in |[^\s\d][^\t]{0,500}? \(|[^\s\d]\S* at )")
_FLATTENED = re.compile(r"(?:\)|\) const|:\d{1,9}|\.so[\w.]{0,40}|\.dll|called>)[ \t]+#(\d{1,7})[ \t]+(?=[\w(~<?*:-])")
_HANDLE = re.compile(r"\bThread (?:0x)?([0-9a-f]+)\b")
_TASK = re.compile(r"\b(?:LWP|process) (\d+)")
_QUOTED = re.compile(r"\"([^\"]{1,100})\"")
_KDE_HANDLER = "[KCrash Handler]"
"""Stands for the frames of KDE's crash handler, which died last on the stack of the crashed thread."""
_KDE_APPLICATION = re.compile(r"Application: [^\n]{1,300}?, signal: ([A-Z][a-z ]{3,40})")
_LOCALS = "        "
_FRAME_BEGINS = frozenset("# \t>\\-*+")
_BEGINS = _FRAME_BEGINS | frozenset("(PTI[*-BA")
_FENCES = ("```", "~~~")
_HARMLESS = re.compile(
    r"SIG(?:PIPE|USR[12]|CHLD|ALRM|VTALRM|PROF|CONT|WINCH|HUP|INT|TERM|TSTP|STOP|TT(?:IN|OU)|URG|IO|\d+)"
)
"""Signals at which gdb stops and the program goes on: a text may hold several before the one that kills."""
_STOP_LINE = re.compile(
    r"0x[0-9a-fA-F]{4,16} in \S|[A-Za-z_:~<(][^\n]{0,500}? \([^\n]{0,1000}\) at [^\s:]{1,500}:\d{1,9}$"
)
"""The innermost frame as gdb prints it at a signal, without a number; many people post no more."""
_STOP_LINES = 5
"""Pieces of lines behind the signal's in which it is looked for."""
_FIRST_LIMIT = 32
"""Numbers below this can begin a stack whose top was not posted."""
_STOP = "Backtrace stopped: "
_MORE = "(More stack frames follow"


@dataclass
class ThreadName:
    """By what a text calls a thread: gdb's number, the pthread handle, the kernel's task id, the name."""

    number: int | None = None
    handle: str | None = None
    task: str | None = None
    name: str | None = None

    @property
    def id(self) -> str:
        """The shortest way in which the text calls it."""
        return str(self.number) if self.number is not None else f"LWP {self.task}" if self.task else self.handle or "?"


@dataclass
class Stack:
    """One printed stack. ``thread`` is None where the text did not say which thread was selected."""

    thread: ThreadName | None
    is_table_row: bool = False
    is_cut: bool = False
    last: int = -1
    left_out: int = 0
    frames: list[Frame] = field(default_factory=list)
    stopped: str = ""


@dataclass
class Report:
    """What a text holds of one crash; ``start`` and ``end`` enclose it. ``has_header``: a signal line stands there.

    ``first`` is where its first frame stands: the program's own words are before it.
    """

    start: int = 0
    first: int = 0
    end: int = 0
    signal: str | None = None
    has_header: bool = False
    crashed: ThreadName | None = None
    stacks: list[Stack] = field(default_factory=list)
    left_out: int = 0


def read(text: str, *, has_hashes: bool = True) -> list[Report]:
    """
    Return the reports of a text that hold at least one frame.

    ``has_hashes`` False reads frames whose ``#`` was taken for a heading and lost.
    """
    reader = _Reader(START if has_hashes else _BARE_START)
    reader.feed(_lines(text))
    return reader.finish(len(text))


def _lines(text: str) -> Iterator[str]:
    """Split in pieces, so that millions of short lines are never held at once."""
    start = 0
    while start < len(text):
        end = text.rfind("\n", start, start + _CHUNK)
        if end < 0:
            end = text.find("\n", start)
        if end < 0:
            end = len(text)
        yield from text[start:end].split("\n")
        start = end + 1


class _Reader:
    def __init__(self, start: re.Pattern[str]) -> None:
        self._start = start
        self._is_bare = start is not START
        self._reports = [Report()]
        self._threads: dict[tuple[str, object], ThreadName] = {}
        self._selected: ThreadName | None = None
        self._stopped: int | None = None
        self._stop_lines = 0
        self._header: ThreadName | None = None
        self._stack: Stack | None = None
        self._surplus = Stack(thread=None, frames=[Frame(index=0)] * FRAMES_LIMIT)
        self._open: FrameScanner | None = None
        self._position = 0
        self._frames_end = 0

    def feed(self, lines: Iterable[str]) -> None:
        """Read all lines; most of a full backtrace are locals, so those are passed by here."""
        wanted = _BEGINS | frozenset("0123456789") if self._is_bare else _BEGINS
        for line in lines:
            if self._open or self._stop_lines or (line[:1] in wanted and line[:8] != _LOCALS):
                self._read_line(line)
            self._position += len(line) + 1

    def finish(self, end: int) -> list[Report]:
        self._close_frame()
        self._reports[-1].end = end
        for report in self._reports:
            report.stacks = [stack for stack in report.stacks if stack.frames]
        shown = [report for report in self._reports if report.stacks]
        return [report for report in shown if not _HARMLESS.fullmatch(report.signal or "")] or shown

    def _read_line(self, line: str) -> None:
        if self._stop_lines:
            self._stop_lines -= 1
        while line.startswith("(gdb) "):
            line = line[6:]
            self._end_stack()
        begins = line[:1]
        start = self._start.match(line) if begins in _FRAME_BEGINS or self._is_bare else None
        if start and self._is_frame(int(start[1])):
            self._close_frame()
            self._read_frames(int(start[1]), line, start.end())
        elif self._open and self._open.accepts(line) and not _is_header(line):
            if line.strip() not in _FENCES:
                self._open.feed(line)
        elif not line or line[:8] == _LOCALS:
            self._close_frame()
        else:
            self._close_frame()
            self._read_words(line)

    def _is_frame(self, number: int) -> bool:
        """Without its ``#`` a number is a frame's only where it is the next one, or begins a stack."""
        if not self._is_bare:
            return True
        is_first = self._stack is None and not self._frames_end
        return number in {0, self._stack.last + 1 if self._stack else 0} or (is_first and number < _FIRST_LIMIT)

    def _read_words(self, line: str) -> None:
        begins = line[0]
        if self._stop_lines and _STOP_LINE.match(line):
            self._stop_lines = 0
            self._begin_stack(Stack(thread=self._header or self._selected, is_table_row=True))
            self._read_frames(0, line, 0)
        elif begins in "PTI" and (match := _SIGNAL.match(line)):
            self._begin_report(match)
            position = line.find(" #", match.end())
            self._read_line(line[position + 1 :] if position >= 0 else "")
        elif begins == "T" and (match := _THREAD.match(line)):
            is_kept = not self._reports[-1].left_out
            self._header, self._stack = self._thread(match[2], int(match[1])) if is_kept else None, None
            self._read_line(line[match.end() :].strip())
        elif begins == "[" and (match := _SELECTED.match(line)):
            self._select(match)
            self._read_line(line[match.end() :].strip())
        elif line.startswith(_KDE_HANDLER):
            self._reports[-1].crashed = self._header or self._selected
        elif begins == "A" and (match := _KDE_APPLICATION.match(line)):
            self._reports[-1].signal = self._reports[-1].signal or posix.signal_name(match[1])
        elif begins in "* " and (match := _TABLE.match(line)):
            self._read_table_row(match, line)
        elif line.startswith("--- DEBUG"):
            self._end_stack()
        elif line.startswith((_STOP, _MORE)) and self._stack:
            self._stack.stopped = line[:200].strip()
            self._stack.is_cut = True

    def _begin_report(self, match: re.Match[str]) -> None:
        report = self._reports[-1]
        self._end_stack()
        has_stack = any(not stack.is_table_row for stack in report.stacks)
        if report.has_header and has_stack and len(self._reports) < REPORTS_LIMIT:
            report.end = self._frames_end
            report = Report(start=self._frames_end)
            self._reports.append(report)
            self._threads.clear()
            self._selected = None
        if _HARMLESS.fullmatch(report.signal or "SIGCONT"):
            report.signal = posix.signal_name(match["signal"]) or match["signal"][:16]
        report.has_header = True
        self._stop_lines = _STOP_LINES
        if match["number"]:
            thread = self._thread("", int(match["number"]))
            thread.name = thread.name or match["name"]
            self._selected = report.crashed = thread
            self._stopped = int(match["number"])

    def _select(self, match: re.Match[str]) -> None:
        """Take what gdb selected at the signal; ``Switching to thread`` (small t) answers a person's command."""
        number, _, rest = match[2].partition(" ")
        is_numbered = number.isdecimal()
        report = self._reports[-1]
        if not is_numbered and match[1] == "Switching to" and self._stopped is not None:
            thread = report.crashed = self._thread(match[2], self._stopped)
        else:
            thread = self._thread(rest if is_numbered else match[2], int(number[:6]) if is_numbered else None)
        self._end_stack()
        if report.crashed is None and not (match[1] == "Switching to thread" and report.stacks):
            report.crashed = thread
        self._selected = thread

    def _read_table_row(self, match: re.Match[str], line: str) -> None:
        """``info threads``: the star marks the selected thread, each row ends with the thread's innermost frame."""
        thread = self._thread(match[3], int(match[2]))
        report = self._reports[-1]
        if match[1] == "*":
            report.crashed = report.crashed or thread
            self._selected = self._selected or thread
        self._end_stack()
        self._begin_stack(Stack(thread=thread, is_table_row=True))
        self._read_frames(0, line, match.end())
        self._end_stack()

    def _read_frames(self, number: int, line: str, start: int) -> None:
        """Read the frames of a line: one, or all of a stack that was flattened onto it."""
        if line.find(" #", start) < 0:
            self._read_frame(number, line, start)
            return
        for match in _FLATTENED.finditer(line, start):
            if int(match[1]) == number + 1:
                self._read_frame(number, line[start : line.rindex("#", start, match.end())], 0)
                number, start = number + 1, match.end()
        self._read_frame(number, line, start)

    def _read_frame(self, number: int, line: str, start: int) -> None:
        self._close_frame()
        stack = self._stack
        if stack is None or number <= stack.last:
            stack = self._begin_stack(Stack(thread=self._header or self._selected))
            self._header = self._stopped = None
            report = self._reports[-1]
            report.first = report.first or self._position
        stack.last = number
        self._frames_end = self._position + len(line)
        if len(stack.frames) >= FRAMES_LIMIT:
            stack.left_out += 1
            return
        frame = read_complete(number, line, start)
        if frame:
            stack.frames.append(frame)
        else:
            self._open = FrameScanner(number, line[start:])

    def _begin_stack(self, stack: Stack) -> Stack:
        report = self._reports[-1]
        if len(report.stacks) < STACKS_LIMIT:
            report.stacks.append(stack)
        else:
            report.left_out += 1
            stack, self._surplus.last = self._surplus, -1
        self._stack = stack
        return stack

    def _close_frame(self) -> None:
        if self._open and self._stack:
            self._stack.frames.append(self._open.frame())
        self._open = None

    def _end_stack(self) -> None:
        self._close_frame()
        self._stack = self._header = self._stopped = None

    def _thread(self, words: str, number: int | None) -> ThreadName:
        """Find the thread by any of its names, and learn the others."""
        handle, task, name = _HANDLE.search(words), _TASK.search(words), _QUOTED.search(words)
        keys: list[tuple[str, object]] = []
        if task:
            keys.append(("task", task[1]))
        if handle:
            keys.append(("handle", handle[1].lstrip("0")))
        if number is not None:
            keys.append(("number", number))
        thread = next((self._threads[key] for key in keys if key in self._threads), ThreadName())
        thread.number = number if thread.number is None else thread.number
        thread.handle = thread.handle or (handle[0].removeprefix("Thread ") if handle else None)
        thread.task = thread.task or (task[1] if task else None)
        thread.name = thread.name or (name[1] if name else None)
        for key in keys:
            self._threads.setdefault(key, thread)
        return thread


def _is_header(line: str) -> bool:
    begins = line[:1]
    if begins == "[":
        return bool(_SELECTED.match(line))
    return bool(begins and begins in "PTI" and (_THREAD.match(line) or _SIGNAL.match(line)))
