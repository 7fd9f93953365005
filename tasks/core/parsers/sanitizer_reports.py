"""
Where the reports of the sanitizers begin and end in a text, and which stacks and lines belong to each.

A report opens with a headline (``==PID==ERROR: AddressSanitizer: ...``, ``FILE:LINE:COLUMN: runtime error: ...``);
each stack stands below a line that says what it is. Loggers put their own lines between.
"""

import io
import re
from dataclasses import dataclass, field
from functools import lru_cache

from tasks.core.parsers import sanitizer_frames
from tasks.core.parsers.sanitizer_frames import FrameLine

FRAMES_LIMIT = 512
STACKS_LIMIT = 64
REPORTS_LIMIT = 256

_REPEATED = 4096
"""Frames kept of one text: the stacks of an allocation, its release and of repeated reports share most of theirs."""

_UNDEFINED = b": runtime error: "
SIGNS = (b"Sanitizer: ", b"ERROR: libFuzzer: ", _UNDEFINED, b"Sanitizer CHECK failed: ")
_HEADER = re.compile(
    rb"(?:ERROR|WARNING|FATAL): (?:([A-Za-z]{2,40}Sanitizer): (?!failed |CHECK failed: )|(libFuzzer): )"
    rb"([^\r\n]{1,1000})"
)
_OWN_CHECK = re.compile(rb"\b([A-Za-z]{2,40}Sanitizer):? (CHECK failed: [^\r\n]{1,1000})")
"""A check of the tool itself that failed, mostly since the program's memory is broken."""

_PID = re.compile(rb"==(\d{1,10})== ?$|\(pid=(\d{1,10})\)")
_UNDEFINED_PLACE = re.compile(rb"[^\s\"|>]+:\d{1,9}(?::\d{1,9})?$|<unknown>$|\S+\+0x[0-9a-f]{1,16}\)?$")
_SUMMARY = re.compile(rb"SUMMARY: (\w{1,40}): ([^\r\n]{1,8000})")
_PREFIX_LIMIT = 200
"""Bytes of a line within which a frame's number stands, behind what a logger put there."""

_LINES_LIMIT = 200
_LINE_LIMIT = 1000
_SILENCE_LIMIT = 400
_UNDEFINED_REACH = 16
"""Lines without a frame after which a report has ended, and within which a ``runtime error`` prints its stack."""


@dataclass(kw_only=True)
class Stack:
    """Frames, and the line above them."""

    heading: str
    lines: list[FrameLine] = field(default_factory=list)
    left_out: int = 0


@dataclass(kw_only=True)
class Report:
    """
    One report as it stands in the text.

    ``start`` is the offset of its first byte, ``words_from`` where the words before it begin; ``place`` is that of a
    ``runtime error``; ``lines`` are those that are no frames.
    """

    tool: str
    headline: str
    start: int
    pid: str | None
    place: str | None = None
    lines: list[str] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)
    summary: str | None = None
    is_closed: bool = False
    left_out: int = 0
    words_from: int = 0


def read(content: bytes) -> tuple[list[Report], int]:
    """
    Read the reports of a text in one pass from its first headline; stacks outside of reports are passed over.

    Returns:
        At most ``REPORTS_LIMIT`` reports in the order of the text, and how many more there are.
    """
    scan = _Scan()
    signs = dict.fromkeys(SIGNS, -1)
    stream = io.BytesIO(content)
    offset = 0
    while True:
        for sign, position in signs.items():
            if 0 <= position < offset or offset == 0:
                signs[sign] = content.find(sign, offset)
        following = [position for position in signs.values() if position >= 0]
        if not following:
            return scan.reports, scan.left_out
        offset = max(offset, content.rfind(b"\n", offset, min(following)) + 1)
        stream.seek(offset)
        for raw in stream:
            is_open = scan.take(raw, offset)
            offset += len(raw)
            if not is_open:
                break


class _Scan:
    """The reports so far, the open one, and whether the last line was a frame."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.left_out = 0
        self._report: Report | None = None
        self._stack: Stack | None = None
        self._heading = ""
        self._silence = 0
        self._is_behind_frame = False
        self._end = 0
        self._frame = lru_cache(maxsize=_REPEATED)(sanitizer_frames.read)

    def take(self, raw: bytes, offset: int) -> bool:
        """Read a line; False where nothing before the next headline can belong to a report."""
        report = self._report if self._report and not self._report.is_closed else None
        if report is not None and b"#" in raw[:_PREFIX_LIMIT]:
            stack = self._stack if self._is_behind_frame else None
            if stack is not None and len(stack.lines) >= FRAMES_LIMIT:
                stack.left_out += 1
                return True
            frame = self._frame(raw)
            if frame and stack is not None:
                stack.lines.append(frame)
                return True
            if frame:
                self._begin_stack(report, frame)
                return True
        if (b"r: " in raw or b"Sanitizer CHECK" in raw) and any(sign in raw for sign in SIGNS):
            opened = opening(raw[: 2 * sanitizer_frames.LINE_LIMIT], offset)
            if opened and not opened.headline.startswith("nested bug"):
                self._open(opened)
                return self._report is not None
        self._is_behind_frame = False
        self._silence += 1
        if report is not None:
            self._note(report, raw, offset)
        return report is not None and not report.is_closed

    def _open(self, report: Report) -> None:
        report.words_from = self._end
        self._report = self._stack = None
        self._silence = 0
        self._is_behind_frame = False
        if len(self.reports) >= REPORTS_LIMIT:
            self.left_out += 1
            return
        self._report = report
        self._heading = report.headline
        self.reports.append(report)

    def _begin_stack(self, report: Report, line: FrameLine) -> None:
        """Put a frame below another line into a new stack, or into the last one, which goes on."""
        if self._stack is None or line.number == 0:
            self._stack = Stack(heading=self._heading)
            if len(report.stacks) < STACKS_LIMIT:
                report.stacks.append(self._stack)
            else:
                report.left_out += 1
        self._is_behind_frame = True
        self._silence = 0
        if len(self._stack.lines) < FRAMES_LIMIT:
            self._stack.lines.append(line)
        else:
            self._stack.left_out += 1

    def _note(self, report: Report, raw: bytes, offset: int) -> None:
        text = sanitizer_frames.decode(raw[:_LINE_LIMIT]).strip()
        if b"SUMMARY: " in raw:
            found = _SUMMARY.search(raw[: 2 * sanitizer_frames.LINE_LIMIT])
            report.summary = report.summary or (sanitizer_frames.decode(found[2]) if found else None)
            self._end = offset + len(raw)
        elif self._is_end(report, text):
            report.is_closed = True
            self._end = offset
        if not text:
            return
        self._heading = text
        if len(report.lines) < _LINES_LIMIT and not report.is_closed:
            report.lines.append(text)

    def _is_end(self, report: Report, text: str) -> bool:
        if "==ABORTING" in text or text.startswith("+----") or self._silence > _SILENCE_LIMIT:
            return True
        if report.place is not None:
            return bool(report.stacks and text) or self._silence > _UNDEFINED_REACH
        return text.startswith("=====") and bool(report.stacks)


def opening(raw: bytes, offset: int) -> Report | None:
    """Return the report that a line opens."""
    header = _HEADER.search(raw)
    if header:
        pid = _PID.search(raw, 0, header.start()) or _PID.search(raw, header.start())
        headline = sanitizer_frames.decode(header[3]).strip()
        tool = (header[1] or header[2]).decode()
        number = (pid[1] or pid[2]).decode() if pid else None
        return Report(tool=tool, headline=headline, start=offset, pid=number)
    check = _OWN_CHECK.search(raw) if b"CHECK failed: " in raw else None
    if check:
        pid = _PID.search(raw, 0, check.start())
        number = pid[1].decode() if pid and pid[1] else None
        headline = sanitizer_frames.decode(check[2]).strip()
        return Report(tool=check[1].decode(), headline=headline, start=offset, pid=number)
    before, sign, message = raw.partition(_UNDEFINED)
    place = _UNDEFINED_PLACE.match(before[-_LINE_LIMIT:].rpartition(b" ")[2]) if sign else None
    if place is None:
        return None
    return Report(
        tool="UndefinedBehaviorSanitizer",
        headline=sanitizer_frames.decode(message[:_LINE_LIMIT]).strip(),
        start=offset,
        pid=None,
        place=sanitizer_frames.decode(place[0]),
    )
