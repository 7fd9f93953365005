"""
Text that ``eu-stack`` of elfutils prints for a core or a live process: ``PID N - core``, ``TID N:`` and frames.

Which parts a frame has depends on the options: ``- 1`` marks a return address (``-a``), ``-m`` names the module, ``-s``
puts the source and ``-b`` the build id on the next line, ``-i`` shows inlined calls, ``-r`` leaves names mangled. No
signal is printed; the first thread of a core is the one that died.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tasks.core.crash import Crash, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cause, mangling, posix, signal_cause

NAME = "eu_stack_text"

FRAMES_LIMIT = 512
THREADS_LIMIT = 4096
CORES_LIMIT = 256

_LINE_LIMIT = 16 * 1024
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
_INLINED = re.compile(r"[ \t>]{0,8}#(\d{1,7}) {1,24}(\S.*)$", re.DOTALL)
_SOURCE = re.compile(r"\s{2,12}(\S.{0,1000}?)(?::(\d{1,9})(?::\d{1,9})?)?(?: \(\S.*\))?\s*$")
_BUILD = re.compile(r"\s{2,12}\[([0-9a-f]{8,64})\]@0x([0-9a-f]{1,16})\+0x([0-9a-f]{1,16})\s*$")
_SIGNAL = re.compile(r"(?:Program terminated with signal|signal:?) (SIG[A-Z]{2,8}|\d{1,2})\b")
_SAID_LIMIT = 64 * 1024


@dataclass(slots=True)
class _Row:
    """One frame, whose place may stand on the next line."""

    number: int
    name: str | None
    module: str | None
    address: int | None
    is_inlined: bool
    file: str | None = None
    line: int | None = None
    offset: int | None = None

    def frame(self) -> Frame:
        return Frame(
            index=self.number,
            function=mangling.readable(self.name) if self.name else None,
            file=self.file,
            line=self.line,
            module=self.module,
            offset=self.offset,
            address=self.address,
            is_inlined=self.is_inlined,
        )


@dataclass
class _Core:
    """What was printed of one process; ``words`` are the lines that are no part of a stack."""

    process: str | None = None
    stacks: list[tuple[str, str | None, list[_Row]]] = field(default_factory=list)
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
    reader = _Reader()
    for raw in io.BytesIO(content):
        reader.feed(_decode(raw[:_LINE_LIMIT]))
    cores = [core for core in reader.cores if any(frames for _, _, frames in core.stacks)]
    if not cores:
        raise UnrecognisedError(
            "The text names threads but holds no frame: run eu-stack with the core and its program."
        )
    return [_crash(core) for core in cores]


def _decode(raw: bytes) -> str:
    try:
        return raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").rstrip("\r\n")


class _Reader:
    def __init__(self) -> None:
        self.cores = [_Core()]
        self._task = "1"
        self._frames: list[_Row] = []
        self._was_frame = False

    def feed(self, line: str) -> None:
        if "#" in line[:12] and (frame := self._read_frame(line)):
            self._add(frame)
        elif self._was_frame and line.startswith("  ") and "]@0x" in line and (match := _BUILD.match(line)):
            self._frames[-1].offset = int(match[3], 16)
        elif self._was_frame and line.startswith("  ") and (match := _SOURCE.match(line)):
            self._frames[-1].file, self._frames[-1].line = match[1], int(match[2]) if match[2] else None
            self._was_frame = False
        elif line.startswith("TID ") and (match := _THREAD.match(line)):
            self._begin(match[1], match[2])
        elif line.startswith("PID ") and (match := _PROCESS.match(line)):
            self._begin_process(match)
        elif line and not line.isspace():
            self._hear(line)

    def _read_frame(self, line: str) -> _Row | None:
        parts = _parts(line)
        if parts:
            return _Row(*parts)
        match = _INLINED.match(line)
        if match is None or not self._frames:
            return None
        name, module, _ = _cut_module(match[2])
        return _Row(int(match[1]), name, module, self._frames[-1].address, is_inlined=True)

    def _add(self, frame: _Row) -> None:
        self._was_frame = False
        core = self.cores[-1]
        if not core.stacks or (self._frames and frame.number == 0):
            self._begin(self._task, None)
        if len(self._frames) >= FRAMES_LIMIT:
            core.left_out[self._task] = core.left_out.get(self._task, 0) + 1
            return
        self._frames.append(frame)
        self._was_frame = True

    def _begin(self, task: str, name: str | None) -> None:
        self._task, self._frames, self._was_frame = task, [], False
        stacks = self.cores[-1].stacks
        if len(stacks) < THREADS_LIMIT:
            stacks.append((task, name, self._frames))

    def _begin_process(self, match: re.Match[str]) -> None:
        if self.cores[-1].stacks and len(self.cores) < CORES_LIMIT:
            self.cores.append(_Core())
        self.cores[-1].process, self.cores[-1].is_live = match[1], match[2] == "process"
        self._frames, self._was_frame = [], False

    def _hear(self, line: str) -> None:
        core = self.cores[-1]
        if core.size < _SAID_LIMIT:
            core.words.append(line[:1000])
            core.size += min(len(line), 1000)


@lru_cache(maxsize=2048)
def _parts(line: str) -> tuple[int, str | None, str | None, int, bool] | None:
    """Split a frame; threads repeat each other's lines."""
    match = _FRAME.match(line)
    if match is None:
        return None
    name, module, is_inlined = _cut_module(match[4] or "")
    return int(match[1]), name, module, int(match[2], 16), is_inlined


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
    name = name.strip()[:_NAME_LIMIT]
    return name if name and name != "???" else None, module.strip()[:_NAME_LIMIT] or None, is_inlined


def _crash(core: _Core) -> Crash:
    threads = [
        Thread(id=task, name=name, frames=tuple(row.frame() for row in rows))
        for task, name, rows in core.stacks
        if rows
    ]
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
