"""
The layout of Wheaty reports: cuts a text into reports, and each into its header, its exception and its stacks.

A report is read in one pass. The second half of a complete one repeats every stack with the variables of each frame,
several megabytes of it; it is skipped unless the first half holds no stack.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from tasks.core.parsers import wheaty_frames
from tasks.core.parsers.wheaty_frames import Place, Row, place_in_module

FRAMES_LIMIT = 512
"""Frames kept of one thread."""

BLOCKS_LIMIT = 1024
"""Stacks kept of one report."""

REPORTS_LIMIT = 512
"""Reports kept of one file."""

_ROWS_LIMIT = 100_000
_REPEATED = 4096
"""Places kept of one text: the same ones stand at the bottom of every thread."""
_LINE_LIMIT = 8192
_TEXT_LIMIT = 16 * 1024
_MARKUP = " \t>*#_`\\|-"
_DIGITS = frozenset("0123456789ABCDEF")
_NEXT = re.compile(rb"\n[ \t>*#_`\\]{0,8}(?:Revision:|Exception code: [0-9A-F]|Date \d{1,2}:|Crash date \d)")
_TRUNCATED = b"Error writing the crash log"
_CODE = re.compile(r"Exception code:\s*([0-9A-F]{8})\b")
_FAULT = re.compile(r"Fault address:\s*([0-9A-F]{1,16})(?:\s+([0-9A-F]{2,8}):([0-9A-F]{4,16})(?:\s+(\S.*))?)?")
_POINTER = re.compile(r"CS:[RE]IP:[0-9A-F]{2,4}:([0-9A-F]{8,16})")
_DATE = re.compile(r"(?:Crash date|Date) \d{1,2}:\d{1,2}:\d{4}")


@dataclass(kw_only=True)
class Block:
    """One printed stack. ``number`` counts from 1 in the order of the report, which gives threads no other name."""

    number: int
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    is_elided: bool = False


@dataclass(kw_only=True)
class Fault:
    """The line ``Fault address``: an address of code, and the module it lies in as far as the writer found one."""

    address: int
    place: Place


@dataclass(kw_only=True)
class Report:
    """One report as it stands in the text."""

    revision: str | None = None
    date: str | None = None
    code: str | None = None
    message: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    fault: Fault | None = None
    pointer: int | None = None
    blocks: list[Block] = field(default_factory=list)
    blocks_left_out: int = 0
    is_truncated: bool = False
    is_from_locals: bool = False

    @property
    def has_rows(self) -> bool:
        """True once a line of a stack was read."""
        return any(block.rows for block in self.blocks)

    @property
    def is_started(self) -> bool:
        """True once anything but an empty line was read."""
        return bool(self.revision or self.date or self.code or self.blocks or self.message)


def read(content: bytes) -> list[Report]:
    """Return the reports of a text in its order, those without an exception and without a stack among them."""
    scanner = _Scanner()
    position, size = 0, len(content)
    while position < size and not scanner.is_full:
        plain = wheaty_frames.read_plain(content, position) if scanner.is_in_stack else None
        if plain:
            row, position = plain
            scanner.add(row)
            continue
        end = content.find(b"\n", position)
        end = size if end < 0 else end
        scanner.take(_line(content, position, end))
        position = end + 1
        if scanner.is_repeating:
            after = _NEXT.search(content, end)
            stop = after.start() if after else size
            scanner.skip(is_truncated=content.find(_TRUNCATED, end, stop) >= 0)
            position = stop + 1
    return [report for report in scanner.reports[:REPORTS_LIMIT] if report.is_started]


def _line(content: bytes, start: int, end: int) -> str:
    """Decode one line: servers write their code page, but the names of players are UTF-8 in the same file."""
    line = content[start:end]
    if len(line) > _LINE_LIMIT:
        line = line[: _LINE_LIMIT // 2] + line[-_LINE_LIMIT // 4 :]
    line = line.rstrip()
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


class _Scanner:
    """Goes through the lines; ``_text`` is where lines without a meaning of their own are collected."""

    def __init__(self) -> None:
        self.reports = [Report()]
        self.is_repeating = False
        self.is_full = False
        self._rows = 0
        self._place_of = lru_cache(maxsize=_REPEATED)(wheaty_frames.read_place)
        self._text: list[str] | None = None
        self._is_quoted = False
        self._characters = 0

    @property
    def is_in_stack(self) -> bool:
        """True where rows of a stack can stand, and no text is collected."""
        return self._text is None and bool(self.reports[-1].blocks)

    def take(self, line: str) -> None:
        text = line.lstrip(" \t>|")
        if not text:
            return
        if self._text is None:
            self._is_quoted = line.lstrip().startswith("> ")
        if self._text is None and text[0] in _DIGITS:
            row = wheaty_frames.read(text, self._place_of)
            if row:
                self.add(row)
                return
        bare = text.strip(_MARKUP) if text[0] in _MARKUP else text
        if not self._take_heading(bare) and self._text is not None:
            self._collect(line)
        elif text in {"...", "[...]", "…"} and self.reports[-1].blocks:
            self.reports[-1].blocks[-1].is_elided = True

    def skip(self, *, is_truncated: bool) -> None:
        """Leave out the repetition of the stacks, up to the next report."""
        self.is_repeating = False
        self.reports[-1].is_truncated |= is_truncated

    def _take_heading(self, bare: str) -> bool:
        take = self._HEADINGS.get(bare[:4])
        return take is not None and take(self, bare)

    def _take_revision(self, bare: str) -> bool:
        if not bare.startswith("Revision:"):
            return False
        self._begin_if(self.reports[-1].is_started)
        self.reports[-1].revision = bare[len("Revision:") :].strip()[:500]
        return True

    def _take_date(self, bare: str) -> bool:
        if self._text is not None or not _DATE.match(bare):
            return False
        report = self.reports[-1]
        self._begin_if(bool(report.date or report.code or report.blocks))
        self.reports[-1].date = bare[:100]
        return True

    def _take_code(self, bare: str) -> bool:
        match = _CODE.match(bare)
        if match is None:
            return False
        report = self.reports[-1]
        self._begin_if(bool(report.code or report.has_rows))
        self.reports[-1].code = match[1]
        return True

    def _take_message(self, bare: str) -> bool:
        if not bare.startswith("Assertion message:"):
            return False
        self._text, self._characters = self.reports[-1].message, 0
        self._collect(bare[len("Assertion message:") :])
        return True

    def _take_thrown(self, bare: str) -> bool:
        marker = "Uncaught C++ exception info:"
        if not bare.startswith(marker):
            return False
        self._text, self._characters = self.reports[-1].thrown, 0
        self._collect(bare[len(marker) :])
        return True

    def _take_fault(self, bare: str) -> bool:
        match = _FAULT.match(bare)
        if match is None:
            return False
        self._text = None
        address, section, offset, module = match.groups()
        place = place_in_module(section, offset, module) if section else Place()
        self.reports[-1].fault = Fault(address=int(address, 16), place=place)
        return True

    def _take_pointer(self, bare: str) -> bool:
        match = _POINTER.match(bare)
        if match:
            self.reports[-1].pointer = int(match[1], 16)
        return match is not None

    def _end_text(self, bare: str) -> bool:
        if bare.rstrip(":") != "Registers":
            return False
        self._text = None
        return True

    def _take_stack(self, bare: str) -> bool:
        if not bare.lower().startswith("call stack"):
            return False
        self._text = None
        self._open()
        return True

    def _take_columns(self, bare: str) -> bool:
        if bare.split() != ["Address", "Frame", "Function", "SourceFile"]:
            return False
        self._text = None
        blocks = self.reports[-1].blocks
        if not blocks or blocks[-1].rows:
            self._open()
        return True

    def _take_locals(self, bare: str) -> bool:
        if not bare.startswith("Local Variables And Parameters"):
            return False
        self._text = None
        report = self.reports[-1]
        self.is_repeating = report.has_rows
        if not report.has_rows:
            report.is_from_locals = True
            report.blocks.clear()
        return True

    def _take_end(self, bare: str) -> bool:
        if not bare.startswith("Error writing the crash log"):
            return False
        self._text = None
        self.reports[-1].is_truncated = True
        return True

    def _begin_if(self, is_next: bool) -> None:
        self._text = None
        if not is_next:
            return
        self.is_full = len(self.reports) == REPORTS_LIMIT
        self.reports.append(Report())

    def _collect(self, line: str) -> None:
        """Keep a line of a text, without the mark that a mail or a comment puts before each line that it quotes."""
        if self._is_quoted:
            line = line.lstrip().removeprefix(">").removeprefix(" ")
        if self._text is not None and self._characters < _TEXT_LIMIT:
            self._text.append(line)
            self._characters += len(line) + 1

    def _open(self) -> Block:
        report = self.reports[-1]
        if len(report.blocks) >= BLOCKS_LIMIT:
            report.blocks_left_out += 1
            return Block(number=0)
        report.blocks.append(Block(number=len(report.blocks) + 1))
        return report.blocks[-1]

    def add(self, row: Row) -> None:
        """Put a row into the stack that is open."""
        report = self.reports[-1]
        block = report.blocks[-1] if report.blocks else self._open()
        if report.blocks_left_out or len(block.rows) >= FRAMES_LIMIT or self._rows >= _ROWS_LIMIT:
            block.left_out += not report.blocks_left_out
            return
        block.rows.append(row)
        self._rows += 1

    _HEADINGS: ClassVar[dict[str, Callable[["_Scanner", str], bool]]] = {
        "Revi": _take_revision,
        "Date": _take_date,
        "Cras": _take_date,
        "Exce": _take_code,
        "Asse": _take_message,
        "Unca": _take_thrown,
        "Faul": _take_fault,
        "CS:R": _take_pointer,
        "CS:E": _take_pointer,
        "Regi": _end_text,
        "Call": _take_stack,
        "Addr": _take_columns,
        "Loca": _take_locals,
        "Erro": _take_end,
    }
