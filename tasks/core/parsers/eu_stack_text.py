"""
Text that ``eu-stack`` of elfutils prints for a core or a live process: ``PID N - core``, ``TID N:`` and frames.

Which parts a frame has depends on the options: ``- 1`` marks a return address (``-a``), ``-m`` names the module, ``-s``
puts the source and ``-b`` the build id on the next line, ``-i`` shows inlined calls, ``-r`` leaves names mangled. No
signal is printed; the first thread of a core is the one that died.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tasks.core.crash import Crash, Frame, Thread, frame_of
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cause, mangling, posix, signal_cause, text_lines

NAME = "eu_stack_text"

FRAMES_LIMIT = 512
THREADS_LIMIT = 4096
CORES_LIMIT = 256

_LINE_LIMIT = 16 * 1024
_REPEATED = 4096
"""Frames kept of one text: threads repeat each other's."""

_LONG = 1024 * 1024
"""Bytes of a text from which on simple frames are kept too; in a shorter one they are as quickly read again."""

_NAME_LIMIT = 4096
_SIGN = re.compile(
    rb"^(?:PID \d{1,10} - (?:core|process)[ \t]*\r?$|TID \d{1,10}:[ \t]*\r?\n(?:[ \t]*\r?\n)?#0 {1,3}0x[0-9a-f]{8})",
    re.MULTILINE,
)
_SIGNPOSTS = (b"PID ", b"TID ")
_WINDOW = 4096
_PROCESS = re.compile(r"PID (\d{1,10}) - (core|process)\s*$")
_THREAD = re.compile(r"TID (\d{1,10}):?(?: (\S.{0,200}))?\s*$")
_FRAME = re.compile(r"[ \t>]{0,8}#(\d{1,7}) {1,4}(0x[0-9a-fA-F]{1,16})((?: ?- ?1\b)?)(?: {1,8}(\S.*))?\s*$", re.DOTALL)
_SIMPLE = (
    r"#([0-9]{1,7}) {1,4}0x([0-9a-fA-F]{1,16})(?: ?- ?1(?= ))? {1,8}"
    r"([!-,.-Z\\^-~][ -,.-Z\\^-~]*+)(?:(?<= )- ([!-Z\\^-~]{1,4096}+))?"
    r"\n {2,12}([!-'*-9;-Z\\^-~]{1,1000}):([0-9]{1,9})(?::[0-9]{1,9})?"
)
"""
Most frames, with the line of their source, to be read in one go: no hyphen in the name, no blank in the paths.

Sets without classes are matched much faster.
"""

_LINES = re.compile(rf"^(?:({_SIMPLE})$|(.*(?:\n(?!#).*)*+)$)", re.MULTILINE)
"""Every line: simple frames as they stand and in their parts, others with all below them that begin no frame."""

_INLINED = re.compile(r"[ \t>]{0,8}#(\d{1,7}) {1,24}(\S.*)$", re.DOTALL)
_SOURCE = re.compile(r"\s{2,12}(\S.{0,1000}?)(?::(\d{1,9})(?::\d{1,9})?)?(?: \(\S.*\))?\s*$")
_BUILD = re.compile(r"\s{2,12}\[([0-9a-f]{8,64})\]@0x([0-9a-f]{1,16})\+0x([0-9a-f]{1,16})\s*$")
_SIGNAL = re.compile(r"(?:Program terminated with signal|signal:?) (SIG[A-Z]{2,8}|\d{1,2})\b")
_SAID_LIMIT = 64 * 1024


@dataclass
class _Core:
    """What was printed of one process; ``words`` are the lines that are no part of a stack."""

    process: str | None = None
    stacks: list[tuple[str, str | None, list[Frame]]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    is_live: bool = False
    words: list[str] = field(default_factory=list)
    size: int = 0


def sniff(head: bytes) -> bool:
    """Tell whether a text names a process or a thread in this tool's words."""
    places = [at for at in map(head.find, _SIGNPOSTS) if at >= 0]
    return any(_SIGN.search(head, head.rfind(b"\n", 0, at) + 1, at + _WINDOW) for at in places)


def parse(content: bytes) -> list[Crash]:
    """
    Read the stacks of every process, in the order of the text.

    Raises:
        UnrecognisedError: the text holds no frame.
    """
    reader = _Reader(is_long=len(content) > _LONG)
    for piece in text_lines.pieces(content, _LINE_LIMIT):
        reader.take(piece)
    reader.finish()
    cores = [core for core in reader.cores if any(frames for _, _, frames in core.stacks)]
    if not cores:
        raise UnrecognisedError(
            "The text names threads but holds no frame: run eu-stack with the core and its program."
        )
    return [_crash(core) for core in cores]


class _Reader:
    """
    Goes through the lines; ``_text`` is the last frame with the lines below it that may go on.

    A frame's first line waits for the one below it, so that both are read at once.
    """

    def __init__(self, *, is_long: bool) -> None:
        self.cores = [_Core()]
        self._task = "1"
        self._frames: list[Frame] = []
        self._text = ""
        self._waiting = ""
        self._read = lru_cache(maxsize=_REPEATED)(_frame)
        self._known: dict[str, Frame] | None = {} if is_long else None

    def take(self, piece: str) -> None:
        """Read whole lines."""
        frames = None
        for parts in _LINES.findall(piece):
            if not parts[0]:
                self._take_others(parts[-1])
                frames = None
                continue
            frame = _simple_frame(parts) if self._known is None else _kept(self._known, parts)
            if frames is not None and frame[0] and len(frames) < FRAMES_LIMIT:
                frames.append(frame)
            else:
                self.finish()
                self._add(frame, "")
                frames = self._frames

    def _take_others(self, text: str) -> None:
        """Read lines that are no simple frames."""
        waiting = self._waiting
        for line in text.split("\n"):
            if line[:1] == "#":
                if waiting:
                    self._take(waiting)
                waiting = line
            elif waiting:
                self._take_two(waiting, line)
                waiting = ""
            else:
                self._take(line)
        self._waiting = waiting

    def _take_two(self, line: str, below: str) -> None:
        text = f"{line}\n{below}"
        frame = self._read(text) if below[:2] == "  " and len(self._frames) < FRAMES_LIMIT else None
        if frame is None:
            self._take(line)
            self._take(below)
        elif self._frames and frame.index and frame.file:
            self._frames.append(frame)
            self._text = ""
        else:
            self._add(frame, "" if frame.file else text)

    def finish(self) -> None:
        """Read the line that waits."""
        if self._waiting:
            self._take(self._waiting)
            self._waiting = ""

    def _take(self, line: str) -> None:
        if len(self._frames) >= FRAMES_LIMIT and line.startswith("#") and not line.startswith("#0 "):
            self._leave_out()
        elif "#" in line[:12] and (frame := self._read(line)):
            self._add(frame, line)
        elif "#" in line[:12] and (inlined := self._with_address(line)) and (frame := self._read(inlined)):
            self._add(frame, inlined)
        elif self._text and line.startswith("  ") and (frame := self._read(f"{self._text}\n{line}")):
            self._frames[-1] = frame
            self._text = "" if frame.file else f"{self._text}\n{line}"
        elif line.startswith("TID ") and (match := _THREAD.match(line)):
            self._begin(match[1], match[2])
        elif line.startswith("PID ") and (match := _PROCESS.match(line)):
            self._begin_process(match)
        elif line and not line.isspace():
            self._hear(line)

    def _with_address(self, line: str) -> str | None:
        """Give an inlined call an address, which is that of the frame above it."""
        match = _INLINED.match(line)
        if match is None or not self._frames:
            return None
        mark = "" if "[inlined]" in match[2] else " [inlined]"
        return f"#{match[1]}  0x{self._frames[-1].address or 0:x} {match[2].rstrip()}{mark}"

    def _add(self, frame: Frame, line: str) -> None:
        self._text = ""
        core = self.cores[-1]
        if not core.stacks or (self._frames and frame.index == 0):
            self._begin(self._task, None)
        if len(self._frames) >= FRAMES_LIMIT:
            self._leave_out()
            return
        self._frames.append(frame)
        self._text = line

    def _leave_out(self) -> None:
        left_out = self.cores[-1].left_out
        left_out[self._task] = left_out.get(self._task, 0) + 1
        self._text = ""

    def _begin(self, task: str, name: str | None) -> None:
        self._task, self._frames, self._text = task, [], ""
        stacks = self.cores[-1].stacks
        if len(stacks) < THREADS_LIMIT:
            stacks.append((task, name, self._frames))

    def _begin_process(self, match: re.Match[str]) -> None:
        if self.cores[-1].stacks and len(self.cores) < CORES_LIMIT:
            self.cores.append(_Core())
        self.cores[-1].process, self.cores[-1].is_live = match[1], match[2] == "process"
        self._frames, self._text = [], ""

    def _hear(self, line: str) -> None:
        core = self.cores[-1]
        if core.size < _SAID_LIMIT:
            core.words.append(line[:1000])
            core.size += min(len(line), 1000)


def _simple_frame(parts: tuple[str, ...]) -> Frame:
    """Make a frame of what ``_SIMPLE`` found, of which only the module may be missing."""
    _, number, address, name, module, file, line, _ = parts
    return frame_of((int(number), _function(name), file, int(line), module or None, None, int(address, 16), False, ""))


def _kept(known: dict[str, Frame], parts: tuple[str, ...]) -> Frame:
    frame = known.get(parts[0])
    if frame is None:
        frame = _simple_frame(parts)
        if len(known) < _REPEATED:
            known[parts[0]] = frame
    return frame


def _frame(lines: str) -> Frame | None:
    """Read a frame with the lines below it that belong to it, else None."""
    line, *below = lines.split("\n")
    match = _FRAME.match(line)
    if match is None:
        return None
    name, module, is_inlined = _cut_module(match[4] or "")
    file = number = offset = None
    for detail in below:
        if "]@0x" in detail and (build := _BUILD.match(detail)):
            offset = int(build[3], 16)
        elif source := _SOURCE.match(detail):
            file, number = source[1], int(source[2]) if source[2] else None
        else:
            return None
    return Frame(
        index=int(match[1]),
        function=name,
        file=file,
        line=number,
        module=module,
        offset=offset,
        address=int(match[2], 16),
        is_inlined=is_inlined,
    )


def _cut_module(text: str) -> tuple[str | None, str | None, bool]:
    """Split ``NAME - MODULE [inlined]``; a frame without a symbol is ``- MODULE`` or nothing."""
    text = text.strip()
    is_inlined = " [inlined]" in text or text.endswith("[inlined]")
    if is_inlined:
        text = text.replace("[inlined]", "", 1).strip()
    if text.startswith("- "):
        return None, text[2:].strip()[:_NAME_LIMIT] or None, is_inlined
    name, mark, module = text.rpartition(" - ")
    if not mark:
        name, module = text, ""
    return _function(name), module.strip()[:_NAME_LIMIT] or None, is_inlined


@lru_cache(maxsize=1024)
def _function(text: str) -> str | None:
    """Read a name; threads have most functions in common."""
    name = text.strip()[:_NAME_LIMIT]
    return mangling.readable(name) if name and name != "???" else None


def _crash(core: _Core) -> Crash:
    threads = [Thread(id=task, name=name, frames=tuple(frames)) for task, name, frames in core.stacks if frames]
    crashed, reason = _choose(core, threads)
    said = "\n".join(core.words)
    stated = _SIGNAL.search(said)
    signal = posix.signal_name(stated[1]) if stated else None
    exception, notes = signal_cause.explain(signal, cause.without_clones(crashed.frames), None, said)
    if not core.is_live:
        exception, notes = cause.assume(exception, notes, crashed.frames)
    others = [thread for thread in threads if thread is not crashed]
    return Crash(
        format=NAME,
        exception=exception,
        threads=(replace(crashed, is_crashed=True), *others),
        is_complete=crashed.frames[0].index == 0 and crashed.id not in core.left_out,
        notes=(*reason, *notes, *_remarks(core)),
    )


def _choose(core: _Core, threads: Sequence[Thread]) -> tuple[Thread, tuple[str, ...]]:
    """The kernel writes the thread that died first into a core; of a live process the one that is ending itself."""
    for thread in threads:
        if cause.is_ending(thread.frames) or any(frame.function in cause.SIGNAL_FRAMES for frame in thread.frames):
            why = "The text does not name the crashed thread: the one that ends the process was taken."
            return thread, () if thread is threads[0] else (why,)
    if core.is_live:
        return threads[0], ("The process was alive when its stacks were printed: the first thread was taken.",)
    return threads[0], ()


def _remarks(core: _Core) -> Iterable[str]:
    for task, count in core.left_out.items():
        yield f"Thread {task} has {count} more frames; the first {FRAMES_LIMIT} were kept."
