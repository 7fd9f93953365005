"""
One record of a ``crash_database.json``: what the scripts kept of a crash, read for what can still be trusted of it.

They cut template arguments and tildes out of names, took the time of their analysis for that of the crash, and could
take the wrong thread. The beginning of the report (``raw_dump``) and the debugger's stack (``dmp_analysis``) know more.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tasks.core import captures, crash_record_frames, parsers
from tasks.core.crash import Access, Crash, CrashException, Frame, Thread
from tasks.core.errors import DumpError
from tasks.core.parsers import assertions, bounds, cause, cdb_text, names_of_files, posix, windows_codes
from tasks.core.parsers.cause import Evidence

FORMAT = "crash_database_json"
_SIGNS = ("crash_id", "crash_location", "crash_function", "call_stack", "callstack", "raw_dump")
_UNKNOWN = frozenset({"", "unknown", "none", "n/a", "null", "no error message"})
_RAW_LIMIT = 5000
"""Characters of a report that the scripts kept."""

_TOP = 10
_ENOUGH = 3
"""Frames with names by which a stack is better than the list of the scripts, however long that is."""

_GUESS_LIMIT = 500
_PATH_LIMIT = 1000
"""Characters of a path that is stored: longer ones fit into no index, and Windows has none."""

_CODE = re.compile(r"(?:0x)?([0-9a-fA-F]{8})\b")
_ADDRESS = re.compile(r"(?:0x)?([0-9a-fA-F]{8,16})")
_ACCESS = re.compile(r"(reading|writing|executing)(?: location| address| from)? (?:0x)?([0-9a-fA-F]{1,16})\b", re.I)
_ACCESSES: dict[str, Access] = {"reading": "read", "writing": "write", "executing": "execute"}
_NAME_OF_CODE = re.compile(r"[A-Z][A-Z_]+|access violation\b.*", re.I)


@dataclass(frozen=True, kw_only=True)
class CrashRecord:
    """
    A record as a crash. ``place`` is where it stands in its file, for messages.

    ``path`` names the report that it was made of, or the record itself where that has no name of its own: records of
    one path are of one crash.
    """

    place: str
    path: str
    crash: Crash

    @property
    def worth(self) -> int:
        """How many frames have a name: of two records of one report the better has more."""
        return _named(self.crash.frames)


@dataclass(frozen=True, kw_only=True)
class _Stack:
    frames: tuple[Frame, ...] = ()
    source: str = ""
    is_complete: bool = False


def is_record(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a crash record: it has one of the fields that only these have."""
    return any(name in value for name in _SIGNS)


def read(value: Mapping[str, Any], *, key: str, place: str) -> CrashRecord:
    """
    Read a record; ``key`` is its id where it states none itself.

    Raises:
        DumpError: it tells neither a stack nor a place nor an exception.
    """
    report = (_words(value, "file_path") or "")[:_PATH_LIMIT] or None
    raw = _raw(value)
    stack = _best_stack(value, raw)
    exception = _exception(value, raw, stack.frames)
    if not stack.frames and exception == CrashException():
        raise DumpError("it tells neither a stack nor a place nor an exception")
    analysed_at = _time(value.get("timestamp"))
    at, told = _moment(report, raw, analysed_at)
    identifier = (_words(value, "crash_id") or key)[: bounds.WORD_LIMIT]
    crash = Crash(
        format=FORMAT,
        exception=exception,
        threads=(Thread(id="1", is_crashed=True, frames=stack.frames),),
        build=raw.build if raw else None,
        executable=raw.executable if raw else None,
        occurred_at=at,
        is_complete=stack.is_complete,
        notes=(*_notes(value, identifier), stack.source, told),
    )
    return CrashRecord(place=place, path=_path(report, identifier, analysed_at), crash=bounds.hold(crash))


def _path(report: str | None, identifier: str, analysed_at: datetime | None) -> str:
    """A report whose name tells its time is of one crash; other names are used again and again."""
    if report and (captures.has_own_time(report) or names_of_files.time_from_name(_file_name(report)) is not None):
        return report
    at = f"@{analysed_at.isoformat()}" if analysed_at else ""
    return f"{report or 'crash_database.json'}#{identifier}{at}"


def _raw(value: Mapping[str, Any]) -> Crash | None:
    """Read the beginning of the report, but for the line in which it is cut."""
    text = _words(value, "raw_dump")
    if text is None:
        return None
    whole = text.rpartition("\n")[0] if len(text) >= _RAW_LIMIT else text
    try:
        return parsers.parse(whole.encode("utf-8", errors="replace"))[0]
    except DumpError:
        return None


def _best_stack(value: Mapping[str, Any], raw: Crash | None) -> _Stack:
    """Choose the stack of the report or of the debugger; that of the scripts only where these tell next to nothing."""
    is_cut = len(_words(value, "raw_dump") or "") >= _RAW_LIMIT
    told = _of_report(value, raw)
    listed, dropped = crash_record_frames.read(_first(value, "call_stack", "callstack", "stack_trace", "stack"))
    remains = f"; {dropped} of its lines are remains of names and are left out" if dropped else ""
    whole = (
        _Stack(frames=told, source="The stack is that of the report's beginning.", is_complete=not is_cut),
        _Stack(frames=_of_debugger(value), source="The stack is the debugger's.", is_complete=True),
    )
    script = _Stack(frames=listed, source=f"The stack is the list of the old scripts, whose names are cut{remains}.")
    best = max(whole, key=lambda stack: min(_named(stack.frames), _TOP))
    if _named(best.frames) >= min(_ENOUGH, max(1, _named(listed))):
        return best
    if script.frames:
        return script
    source = "The record has no stack: its one frame is the place that it states."
    place = crash_record_frames.place(value)
    return _Stack(frames=(place,), source=source) if place else _Stack(source="The record has no stack.")


def _of_report(value: Mapping[str, Any], raw: Crash | None) -> tuple[Frame, ...]:
    """
    Return the stack of the report's beginning where it is surely that of the crash: the fault's own thread.

    The crashing thread may stand behind the cut, and another one is taken for it then.
    """
    if raw is None or raw.crashing_thread is None:
        return ()
    fault = _ADDRESS.fullmatch(_words(value, "exception_address") or "")
    function = _words(value, "crash_function")
    if fault:
        return raw.frames if any(frame.address == int(fault[1], 16) for frame in raw.frames) else ()
    is_there = function and any(function in (frame.function or "") for frame in raw.frames)
    return raw.frames if is_there and _words(value, "crash_location") else ()


def _of_debugger(value: Mapping[str, Any]) -> tuple[Frame, ...]:
    analysis = value.get("dmp_analysis")
    rows = analysis.get("call_stack_detailed") if isinstance(analysis, Mapping) else None
    if not isinstance(rows, list) or not rows:
        return ()
    text = "\n".join(row for row in rows if isinstance(row, str))
    try:
        return cdb_text.parse(text.encode("utf-8", errors="replace"))[0].frames
    except (DumpError, IndexError):
        return ()


def _exception(value: Mapping[str, Any], raw: Crash | None, frames: Sequence[Frame]) -> CrashException:
    stated = _stated_exception(value, frames)
    if raw is None or raw.exception.kind == "unknown":
        return stated
    told = raw.exception
    if told.address is None and stated.address is not None:
        told = replace(told, address=stated.address, access=told.access or stated.access)
    return told if told.message else replace(told, message=stated.message)


def _stated_exception(value: Mapping[str, Any], frames: Sequence[Frame]) -> CrashException:
    code = _words(value, "exception_code", "exception") or ""
    message = (_words(value, "error_message", "message") or "")[: bounds.MESSAGE_LIMIT] or None
    access = _ACCESS.search(message or "")
    failed = assertions.find(message) if message else None
    windows = _CODE.match(code)
    if windows:
        said = message if message and not _NAME_OF_CODE.fullmatch(message) else None
        return CrashException(
            kind=windows_codes.KINDS.get(windows[1].upper(), "unknown"),
            code=windows[1].upper(),
            address=int(access[2], 16) if access else None,
            access=_ACCESSES[access[1].lower()] if access else None,
            message=failed.condition if failed else said,
            site=failed.place if failed else None,
        )
    signal = posix.signal_name(code)
    if signal or failed:
        explained, _ = cause.explain(Evidence(signal=signal, frames=tuple(frames), text=message or ""))
        return explained
    kind = "access_violation" if access or "access violation" in (message or "").lower() else "unknown"
    return CrashException(
        kind=kind,  # type: ignore[arg-type]
        address=int(access[2], 16) if access else None,
        access=_ACCESSES[access[1].lower()] if access else None,
        message=message,
    )


def _moment(report: str | None, raw: Crash | None, analysed_at: datetime | None) -> tuple[datetime | None, str]:
    """Return when the crash happened and a note that says whence that is known; what the scripts noted comes last."""
    name = _file_name(report or "")
    if raw is not None and raw.occurred_at is not None:
        dated = names_of_files.dated(replace(raw, notes=()), name=name, changed_at=raw.occurred_at)
        return dated.occurred_at, dated.notes[-1]
    named = names_of_files.time_from_name(name, known=analysed_at)
    if named is not None:
        return named, "The time is from the name of its report."
    if analysed_at is not None:
        return analysed_at, "The time is that at which the old scripts read the report."
    return None, "The record states no time: that of its file is taken."


def _notes(value: Mapping[str, Any], identifier: str) -> Iterator[str]:
    judged = ", ".join(word for name in ("crash_category", "severity") if (word := _words(value, name)))
    name = identifier or "without an id"
    yield f"Imported from the old database, where it is {name}{f' ({judged})' if judged else ''}."
    count = value.get("occurrences", value.get("count"))
    if isinstance(count, int) and count > 1:
        yield f"The old database counts {count} of it, and has the time of this one alone."
    guess = _words(value, "root_cause_hypothesis")
    if guess:
        yield f"The old scripts supposed: {' '.join(guess.split())[:_GUESS_LIMIT]}"


def _time(value: Any) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, tz=UTC)
        return datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _words(value: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of these fields that is a text and says something."""
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found.strip().lower() not in _UNKNOWN:
            return found
    return None


def _first(value: Mapping[str, Any], *names: str) -> Any:
    return next((value[name] for name in names if value.get(name)), None)


def _file_name(path: str) -> str:
    return posixpath.basename(path.replace("\\", "/"))


def _named(frames: Iterable[Frame]) -> int:
    return sum(frame.function is not None for frame in frames)
