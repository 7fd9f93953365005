"""
What ``systemd-coredump`` writes to the journal and ``coredumpctl info`` prints: fields of the process, then its stacks.

``Stack trace of thread N:`` and frames ``#N  0xADDRESS FUNCTION (MODULE + 0xOFFSET)``, where ``n/a`` stands for no
symbol; names are mangled, and no file or line is known. The thread that died comes first.
"""

import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cause, mangling, posix, sanitizer_frames, signal_cause

NAME = "coredumpctl_text"

FRAMES_LIMIT = 512
THREADS_LIMIT = 4096
CRASHES_LIMIT = 256

_SIGN = re.compile(rb"Stack trace of thread \d{1,10}:\s{1,80}#0 {1,3}0x[0-9a-f]{8}")
_THREAD = re.compile(r"\s*Stack trace of thread (\d{1,10}):")
_FRAME = re.compile(
    r"\s*#(\d{1,7}) {1,4}0x([0-9a-fA-F]{1,16}) (\S.{0,4096}?)"
    r"(?: \(([^\s()][^()]{0,1000}?)(?: \+ 0x([0-9a-fA-F]{1,16}))?\))?\s*"
)
_FIELD = re.compile(r" {0,20}(Signal|Timestamp|Command Line|Executable|TID): (\S.{0,4000})")
_MESSAGE = re.compile(r"Process (\d{1,10}) \((.{1,64}?)\) of user \d{1,10} (?:dumped core|terminated abnormally)")
_TIME = re.compile(r"\w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_DEBUGGER = re.compile(rb"^#1 {1,3}(?:0x[0-9a-f]{4,16} in |[^\s0-9][^\n]{0,500} \()", re.MULTILINE)
_SAID_LIMIT = 64 * 1024
_REPEATED = 4096
"""Frames kept of one text: threads repeat each other's."""

_LINE_LIMIT = 12 * 1024


@dataclass
class _Report:
    """One dead process; ``stacks`` are in the order of the text."""

    fields: dict[str, str] = field(default_factory=dict)
    program: str | None = None
    stacks: list[tuple[str, list[Frame]]] = field(default_factory=list)
    left_out: int = 0
    said: list[str] = field(default_factory=list)
    size: int = 0


def sniff(head: bytes) -> bool:
    """Tell whether a text has a stack in the words of systemd."""
    position = head.find(b"Stack trace of thread ")
    return position >= 0 and bool(_SIGN.search(head, position, position + 4096))


def parse(content: bytes) -> list[Crash]:
    """
    Read every process, in the order of the text.

    Raises:
        UnrecognisedError: the text holds no frame, or a debugger's stack of the same crash, which tells more.
    """
    if _DEBUGGER.search(content[: 1 << 20]):
        raise UnrecognisedError("The text holds a debugger's stack: it is read as such.")
    reports = _read(content)
    if not reports:
        raise UnrecognisedError("The text names threads but holds no frame: run `coredumpctl info` for the process.")
    return [_crash(report) for report in reports]


def _read(content: bytes) -> list[_Report]:
    reports = [_Report()]
    read = lru_cache(maxsize=_REPEATED)(_frame)
    for raw in io.BytesIO(content):
        line = sanitizer_frames.decode(raw[:_LINE_LIMIT])
        report = reports[-1]
        if "#" in line[:40] and report.stacks and (frame := read(line)):
            _add(report, frame)
        elif "Stack trace" in line and (match := _THREAD.match(line)):
            if len(report.stacks) < THREADS_LIMIT:
                report.stacks.append((match[1], []))
        else:
            report = _next(reports, line)
            _hear(report, line)
    return [report for report in reports if any(frames for _, frames in report.stacks)]


def _next(reports: list[_Report], line: str) -> _Report:
    """A message of systemd, or the first field of coredumpctl, begins another process."""
    is_begin = "Process " in line and _MESSAGE.search(line) is not None
    is_begin = is_begin or line.lstrip().startswith("PID: ")
    if is_begin and reports[-1].stacks and len(reports) < CRASHES_LIMIT:
        reports.append(_Report())
    return reports[-1]


def _add(report: _Report, frame: Frame) -> None:
    frames = report.stacks[-1][1]
    if len(frames) < FRAMES_LIMIT:
        frames.append(frame)
    else:
        report.left_out += len(report.stacks) == 1


def _frame(line: str) -> Frame | None:
    """Read a frame; None for any other line."""
    match = _FRAME.fullmatch(line)
    if match is None:
        return None
    number, address, name, module, offset = match.groups()
    return Frame(
        index=int(number),
        function=None if name in {"n/a", "??"} else mangling.readable(name),
        module=module,
        offset=int(offset, 16) if offset else None,
        address=int(address, 16),
    )


def _hear(report: _Report, line: str) -> None:
    if ":" in line[:40] and (match := _FIELD.match(line)):
        report.fields.setdefault(match[1], match[2].strip())
    if message := _MESSAGE.search(line):
        report.program = message[2]
    if report.size < _SAID_LIMIT:
        report.said.append(line[:1000])
        report.size += min(len(line), 1000)


def _crash(report: _Report) -> Crash:
    stacks = [(task, frames) for task, frames in report.stacks if frames]
    frames = tuple(stacks[0][1])
    threads = tuple(
        Thread(id=task, is_crashed=index == 0, frames=tuple(found)) for index, (task, found) in enumerate(stacks)
    )
    exception, notes = _exception(report, frames)
    command = tuple(report.fields.get("Command Line", "").split())
    left_out = f"The stack has {report.left_out} more frames; the first {FRAMES_LIMIT} were kept."
    return Crash(
        format=NAME,
        exception=exception,
        threads=threads,
        executable=report.fields.get("Executable") or report.program,
        command_line=command,
        occurred_at=_time(report.fields.get("Timestamp", "")),
        is_complete=frames[0].index == 0 and not report.left_out,
        notes=(*notes, *((left_out,) if report.left_out else ())),
    )


def _exception(report: _Report, frames: tuple[Frame, ...]) -> tuple[CrashException, tuple[str, ...]]:
    signal = posix.signal_name(report.fields.get("Signal", "").partition(" ")[0])
    explained, notes = signal_cause.explain(signal, cause.without_clones(frames), None, "".join(report.said))
    return cause.assume(explained, notes, frames)


def _time(stated: str) -> datetime | None:
    """Read the local time of the machine; its zone is given by an ambiguous name."""
    match = _TIME.match(stated)
    try:
        return datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
