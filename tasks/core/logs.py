"""
What a server's log says about a crash: the window before the crash, and what stands out in it.

Input is the raw tail of a log that was saved when the dump was noticed; output is the log context of reports and of
analysis requests.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tasks.core.log_lines import (
    JSON_TEXT_LIMIT,
    Json,
    Level,
    LogFormat,
    LogLine,
    parse,
    parse_appender_flags,
    shorten,
    to_iso,
)

__all__ = [
    "BotAction",
    "LineCount",
    "LogFormat",
    "LogLine",
    "LogReport",
    "LogWindow",
    "Suspicion",
    "correlate",
    "current",
    "cut",
    "is_playerbot_log",
    "parse",
    "parse_appender_flags",
    "window",
]

Basis = Literal["crash time", "last line", "tail"]

ERROR_LEVELS = frozenset({"FATAL", "ERROR"})
TAIL_LINES = 200
WINDOW_LINES = 500
SLACK = timedelta(seconds=2)
NEWEST_BYTES = 64 * 1024
"""Log times are cut to whole seconds, and the dying process may still write: lines up to 2 s late belong to a crash."""
CLOCK_TOLERANCE = timedelta(minutes=1)
ESCALATING_COUNT = 5
SUSPICIOUS_COUNT = 3
BOT_ACTION_AGE_S = 10
JSON_ENTRIES = 50

_VARIABLE = re.compile(
    r"(?<!\w)'[^'\n]{0,80}'(?!\w)"
    r'|"[^"\n]{0,80}"'
    r"|\b0x[0-9A-Fa-f]+|\b[0-9A-Fa-f]{8,}\b|\d+"
)
_NULL_POINTER = re.compile(r"\bnull(?:ptr)?\b|\b(?:null|invalid|dangling)[ -]?pointer\b", re.IGNORECASE)
_BOT_ACTION = re.compile(
    r"(?i:\b(?:actions?|execut(?:es?|ed|ing)|casts?|casting|attacking|moving|following|healing|fleeing|looting"
    r"|teleporting|resurrecting)\b)"
    r"|[a-z]Action\b"
    r"|\bA:\S[^\n]{0,80} - (?:OK|FAILED)\b"
    r"|(?i:\bbot\s+\S[^:\n]{0,80}:\s*\S)"
)


@dataclass(frozen=True, kw_only=True)
class LogWindow:
    """
    The lines of one log before a crash, oldest first.

    ``basis`` says by what the window was cut: the crash's own time, the log's last line (when the crash's time is
    unknown or does not fit the log's clock), or merely the end of the file (when lines carry no time). ``reference`` is
    the end of the window on the log's clock. ``left_out`` counts lines of the window that exceeded the limit.
    """

    lines: tuple[LogLine, ...]
    basis: Basis
    reference: datetime | None = None
    left_out: int = 0

    def to_json(self) -> Json:
        """Return the window for a report: at most `WINDOW_LINES` lines, the newest."""
        lines = self.lines[-WINDOW_LINES:]
        return {
            "basis": self.basis,
            "reference": to_iso(self.reference),
            "left_out": self.left_out + len(self.lines) - len(lines),
            "lines": [line.to_json() for line in lines],
        }


@dataclass(frozen=True, kw_only=True)
class LineCount:
    """
    Equal lines, counted: equal but for numbers, GUIDs, hexadecimal digits and quoted names.

    ``text`` is the newest of them. ``logs`` names every log in which they stand; one event that two appenders wrote
    counts once.
    """

    logs: tuple[str, ...]
    level: Level | None
    logger: str | None
    text: str
    count: int
    first: datetime | None
    last: datetime | None

    def to_json(self) -> Json:
        """Return the group for a report, its text capped."""
        return {
            "logs": list(self.logs),
            "level": self.level,
            "logger": self.logger,
            "text": shorten(self.text),
            "count": self.count,
            "first": to_iso(self.first),
            "last": to_iso(self.last),
        }


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """Lines that often announce a crash, and why they are thought to."""

    reason: Literal["repeated error", "null pointer"]
    line: LineCount

    def to_json(self) -> Json:
        """Return the suspicion for a report."""
        return {"reason": self.reason, **self.line.to_json()}


@dataclass(frozen=True, kw_only=True)
class BotAction:
    """What a bot did last. ``age_s`` is the time from there to the crash; None in a log whose lines carry no time."""

    log: str
    line: LogLine
    age_s: float | None

    def to_json(self) -> Json:
        """Return the action for a report."""
        return {"log": self.log, "age_s": self.age_s, **self.line.to_json()}


@dataclass(frozen=True, kw_only=True)
class LogReport:
    """
    What stands out before a crash; every list has the lines nearest the crash first.

    ``escalating`` are warnings that came 5 times or more. ``repeated`` are such lines of logs without a level column,
    of which nobody knows whether they warn. ``notes`` say how each log was read, or why it was not.
    """

    errors: tuple[LineCount, ...] = ()
    warnings: tuple[LineCount, ...] = ()
    escalating: tuple[LineCount, ...] = ()
    repeated: tuple[LineCount, ...] = ()
    suspicious: tuple[Suspicion, ...] = ()
    last_bot_action: BotAction | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """Return the report, at most `JSON_ENTRIES` entries a list."""
        return {
            "errors": [line.to_json() for line in self.errors[:JSON_ENTRIES]],
            "warnings": [line.to_json() for line in self.warnings[:JSON_ENTRIES]],
            "escalating": [line.to_json() for line in self.escalating[:JSON_ENTRIES]],
            "repeated": [line.to_json() for line in self.repeated[:JSON_ENTRIES]],
            "suspicious": [line.to_json() for line in self.suspicious[:JSON_ENTRIES]],
            "last_bot_action": self.last_bot_action.to_json() if self.last_bot_action else None,
            "notes": list(self.notes[:JSON_ENTRIES]),
        }


def cut(
    lines: Sequence[LogLine], crashed_at: datetime | None, seconds: int = 60, limit: int = WINDOW_LINES
) -> LogWindow:
    """
    Take the lines of the last ``seconds`` before a crash, by the log's own clock, the newest ``limit`` of them.

    ``crashed_at`` is the server's local time; of an aware one the wall clock counts, so convert it first. When it lies
    more than a minute outside of the log's times (another zone, or a log of another run), the log's last time stands
    in for it and the window says so.
    """
    times = [line.time for line in lines if line.time is not None]
    if not times:
        tail = tuple(lines[max(0, len(lines) - min(limit, TAIL_LINES)) :])
        return LogWindow(lines=tail, basis="tail", left_out=len(lines) - len(tail))
    basis, reference = _clock(times, crashed_at)
    length = timedelta(seconds=seconds)
    inside = [line for line in lines if line.time is not None and -SLACK <= reference - line.time < length]
    kept = tuple(inside[max(0, len(inside) - limit) :])
    return LogWindow(lines=kept, basis=basis, reference=reference, left_out=len(inside) - len(kept))


def window(content: bytes, crashed_at: datetime | None, *, is_cut: bool = False) -> LogWindow:
    """
    Read a log's tail and take its window, as `cut` does.

    Only the last lines are read where the older ones can't belong to it: in a storm of crashes each has a tail. Then
    ``left_out`` counts what was read.
    """
    if len(content) > NEWEST_BYTES:
        lines = parse(content[-NEWEST_BYTES:], is_cut=True)
        found = cut(lines, crashed_at)
        if _reaches_back(found, lines, crashed_at):
            return found
    return cut(parse(content, is_cut=is_cut), crashed_at)


def _reaches_back(found: LogWindow, lines: Sequence[LogLine], crashed_at: datetime | None) -> bool:
    """True where the lines are enough: the window is full, or the oldest of them is older than it."""
    oldest = next((line.time for line in lines if line.time is not None), None)
    if oldest is None or found.reference is None:
        return len(lines) > TAIL_LINES
    if crashed_at is not None and crashed_at.replace(tzinfo=None) < oldest:
        return False
    return len(found.lines) >= WINDOW_LINES or found.reference - oldest > timedelta(seconds=60)


def current(windows: Mapping[str, LogWindow]) -> dict[str, LogWindow]:
    """
    Keep the windows that are about the crash.

    All logs of a server share a clock. A window that was cut by its log's last line is dropped when that line is not of
    the minute before the crash: a quiet log, or one that a restart began anew, says nothing of this crash.
    """
    reference = _common_reference(windows.values())
    return {name: window for name, window in windows.items() if _is_current(window, reference)}


def correlate(windows: Mapping[str, LogWindow]) -> LogReport:
    """
    Find what stands out in the windows of one crash, given by the log's file name.

    Only the windows that `current` keeps are read; the notes name the others.
    """
    kept = current(windows)
    counts = _merge([count for name, window in kept.items() for count in _count(name, window)])
    errors = tuple(count for count in counts if count.level in ERROR_LEVELS)
    warnings = tuple(count for count in counts if count.level == "WARN")
    unlevelled = tuple(count for count in counts if count.level is None)
    return LogReport(
        errors=errors,
        warnings=warnings,
        escalating=tuple(count for count in warnings if count.count >= ESCALATING_COUNT),
        repeated=tuple(count for count in unlevelled if count.count >= ESCALATING_COUNT),
        suspicious=(
            *(Suspicion(reason="repeated error", line=count) for count in errors if count.count >= SUSPICIOUS_COUNT),
            *(
                Suspicion(reason="null pointer", line=count)
                for count in (*errors, *warnings, *unlevelled)
                if _NULL_POINTER.search(count.text)
            ),
        ),
        last_bot_action=_last_bot_action(kept, _common_reference(windows.values())),
        notes=tuple(_note(name, window, is_read=name in kept) for name, window in windows.items()),
    )


def is_playerbot_log(name: str) -> bool:
    """Tell a log of the bots from a log of the server by its file name (Playerbot.log, Playerbots.log)."""
    return "playerbot" in name.casefold()


def _clock(times: Sequence[datetime], crashed_at: datetime | None) -> tuple[Basis, datetime]:
    # Only differences are computed: a hostile year 1 or 9999 has no minute before or after it.
    if crashed_at is not None:
        wall = crashed_at.replace(tzinfo=None)
        if min(times) - wall <= CLOCK_TOLERANCE and wall - max(times) <= CLOCK_TOLERANCE:
            return "crash time", wall
    return "last line", times[-1]


def _common_reference(windows: Iterable[LogWindow]) -> datetime | None:
    known = [(window.basis == "crash time", window.reference) for window in windows if window.reference is not None]
    return max(known)[1] if known else None


def _is_current(window: LogWindow, reference: datetime | None) -> bool:
    if window.reference is None or reference is None:
        return True
    return abs(reference - window.reference) <= CLOCK_TOLERANCE + SLACK


def _note(name: str, window: LogWindow, *, is_read: bool) -> str:
    if not is_read:
        return (
            f"{name}: left out, because its last line ({to_iso(window.reference)}) is not of the minute of the crash."
        )
    if window.basis == "tail":
        return f"{name}: its lines carry no time, so the last {len(window.lines)} were read."
    if window.basis == "last line":
        return f"{name}: the crash's time is unknown or outside of this log, so the lines before its last were read."
    return f"{name}: the lines before the crash's time were read."


def _count(name: str, window: LogWindow) -> list[LineCount]:
    """Group the equal lines of one log, in the order of each group's newest line."""
    groups: dict[tuple[Level | None, str], list[LogLine]] = {}
    for line in window.lines:
        key = (line.level, _shape(line.text))
        group = groups.pop(key, [])
        group.append(line)
        groups[key] = group
    return [
        LineCount(
            logs=(name,),
            level=level,
            logger=group[-1].logger,
            text=group[-1].text,
            count=len(group),
            first=group[0].time,
            last=group[-1].time,
        )
        for (level, _), group in groups.items()
    ]


def _merge(counts: Sequence[LineCount]) -> list[LineCount]:
    """Join the groups of several logs, nearest the crash first; the log with most of the lines gives the count."""
    merged: dict[tuple[Level | None, str], LineCount] = {}
    for count in sorted(counts, key=lambda count: to_iso(count.last) or ""):
        key = (count.level, _shape(count.text))
        known = merged.pop(key, None)
        if known is not None:
            most = max(known, count, key=lambda each: each.count)
            merged[key] = replace(most, logs=(*known.logs, *count.logs))
        else:
            merged[key] = count
    return list(reversed(merged.values()))


def _shape(text: str) -> str:
    """Mask what varies from one occurrence of a line to the next; continuation lines are not compared."""
    return _VARIABLE.sub("?", text.partition("\n")[0][:JSON_TEXT_LIMIT])


def _last_bot_action(windows: Mapping[str, LogWindow], reference: datetime | None) -> BotAction | None:
    found = [
        action
        for name, window in windows.items()
        if (action := _last_bot_action_of(name, window, reference)) is not None
    ]
    return min(found, key=lambda action: BOT_ACTION_AGE_S + 1 if action.age_s is None else action.age_s, default=None)


def _last_bot_action_of(name: str, window: LogWindow, reference: datetime | None) -> BotAction | None:
    for line in reversed(window.lines):
        age_s = None
        if line.time is not None and reference is not None:
            age_s = max(0.0, (reference - line.time).total_seconds())
            if age_s > BOT_ACTION_AGE_S:
                continue
        if (is_playerbot_log(name) or is_playerbot_log(line.logger or "")) and _BOT_ACTION.search(line.text):
            return BotAction(log=name, line=line, age_s=age_s)
    return None
