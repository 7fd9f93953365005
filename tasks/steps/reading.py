"""Reading one dump, whatever it is: hash, format, parse, and the log window. Used by ingest and by ``analyze``."""

import functools
import hashlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from tasks.clients import tools
from tasks.core import logs, matching, parsers, signature, triage
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.frames import StackLists
from tasks.core.log_lines import LogLine
from tasks.core.logs import LogReport, LogWindow, SavedLog
from tasks.core.matching import PatternIndex, PatternMatch
from tasks.core.parsers import minidump, names_of_files
from tasks.core.patterns import Pattern
from tasks.core.signature import SignatureResult
from tasks.core.triage import Assessment

TEXT_LIMIT = 512 * 1024 * 1024
WINDOW_LINES_STORED = 50
_PART = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class DebuggerSettings:
    """What a debugger needs to read a server's cores."""

    executable: Path | None = None
    symbols: tuple[Path, ...] = ()
    timeout_s: float = 180


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a dump file holds."""

    kind: str
    sha256: str
    crashes: tuple[Crash, ...]


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What a crash is called, which pattern knows it, and what it means."""

    crash: Crash
    signature: SignatureResult
    match: PatternMatch | None
    assessment: Assessment


def read(path: Path, settings: DebuggerSettings, *, captured_at: datetime | None = None) -> Reading:
    """
    Read a dump file; each crash gets the best time that report, file name and file tell.

    ``captured_at`` is the file's time of change when it was noticed, where it was; later copies may have another.

    Raises:
        DumpError: the file is empty, truncated, foreign, or gone; the text says which.
        ToolMissingError: its kind needs a debugger that is not installed.
    """
    try:
        _refuse_what_is_no_file(path)
        with path.open("rb") as stream:
            head = stream.read(65536)
            kind = parsers.kind_of(head)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
            changed_at = captured_at or datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, tz=UTC)
            stream.seek(0)
            found = minidump.parse(stream) if kind == "minidump" else []
            content = stream.read(TEXT_LIMIT) if kind not in {"elf_core", "minidump"} else b""
    except OSError as error:
        raise DumpError(f"{path.name} can't be read: {error.strerror or error}.") from error
    if kind == "elf_core":
        found = [_read_core(path, settings)]
    elif kind != "minidump":
        if size > TEXT_LIMIT:
            raise DumpError(f"{path.name} is a text of {size} bytes; more than {TEXT_LIMIT} are not read.")
        found = parsers.parse(content)
    crashes = tuple(names_of_files.dated(each, name=path.name, changed_at=changed_at.astimezone()) for each in found)
    return Reading(kind=kind, sha256=digest, crashes=crashes)


def check_debugger(paths: Sequence[Path]) -> None:
    """
    Check before long work that what reads these dumps is installed.

    Raises:
        ToolMissingError: all of them are cores, and the debugger is missing.
    """
    if paths and all(_is_core(path) for path in paths):
        tools.require("gdb")


def _is_core(path: Path) -> bool:
    try:
        _refuse_what_is_no_file(path)
        with path.open("rb") as stream:
            return parsers.kind_of(stream.read(65536)) == "elf_core"
    except (OSError, DumpError):
        return False


def _read_core(path: Path, settings: DebuggerSettings) -> Crash:
    from tasks.clients import debugger  # psutil and the sandbox are for cores alone

    return debugger.read_core(
        path, executable=settings.executable, symbols=settings.symbols, timeout_s=settings.timeout_s
    )


def _refuse_what_is_no_file(path: Path) -> None:
    """A pipe would be waited for without end, a device read without end."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = next((name for is_kind, name in _NO_FILES if is_kind(mode)), "something else")
        raise DumpError(f"{path.name} is {kind}, not a file; give the file that the crash left.")


_NO_FILES: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def hash_of_beginning(path: Path, size: int) -> str:
    """
    Return the SHA-256 of the first ``size`` bytes of a file.

    Raises:
        DumpError: the file is gone or can't be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while size > 0 and (part := stream.read(min(size, _PART))):
                digest.update(part)
                size -= len(part)
    except OSError as error:
        raise DumpError(f"{path.name} can't be read: {error.strerror or error}.") from error
    return digest.hexdigest()


def understand(crash: Crash, lists: StackLists, patterns: PatternIndex) -> Understanding:
    """Name a crash, match it, and say what it means."""
    name = signature.generate(crash, lists)
    match = matching.best_pattern(crash, name, patterns)
    assessment = triage.assess(crash, name, match.pattern if match else None)
    return Understanding(crash=crash, signature=name, match=match, assessment=assessment)


def windows(saved: Mapping[str, SavedLog], crashed_at: datetime, zone: tzinfo) -> dict[str, LogWindow]:
    """Cut the end of each log to the minute before the crash, in the server's local time."""
    local = crashed_at.astimezone(zone)
    return {name: logs.window(log, local) for name, log in saved.items()}


@functools.lru_cache(maxsize=2)
def pattern_index(patterns: tuple[Pattern, ...]) -> PatternIndex:
    """Return the index of these patterns, made once: with hundreds of them that takes as long as many crashes."""
    return PatternIndex(patterns)


def window_json(found: Mapping[str, LogWindow], report: LogReport, unread: Sequence[str]) -> dict[str, Any]:
    """Return the windows and what stands out in them, as stored beside the crash."""
    kept = logs.current(found)
    return {
        "logs": {
            name: {
                "basis": window.basis,
                "is_complete": window.is_complete,
                "lines": [_line(line) for line in window.lines[-WINDOW_LINES_STORED:]],
            }
            for name, window in kept.items()
        },
        "report": {**report.to_json(), "notes": [*report.notes, *unread]},
    }


def _line(line: LogLine) -> dict[str, Any]:
    return {key: value for key, value in line.to_json().items() if value is not None}
