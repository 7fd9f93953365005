"""
What a server's log says about a crash: the window before the crash, and what stands out in it.

Input is the raw tail of a log that was saved when the dump was noticed; output is the log context of reports and of
analysis requests.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from tasks.core.log_lines import JSON_TEXT_LIMIT, Json, Level, LogFormat, LogLine, parse, shorten, to_iso
from tasks.core.log_windows import Basis, LogWindow, SavedLog, common_reference, current, cut, window

__all__ = [
    "Basis",
    "BotAction",
    "LineCount",
    "LogFormat",
    "LogLine",
    "LogReport",
    "LogWindow",
    "SavedLog",
    "Suspicion",
    "correlate",
    "current",
    "cut",
    "is_playerbot_log",
    "parse",
    "window",
]

ERROR_LEVELS = frozenset({"FATAL", "ERROR"})
ESCALATING_COUNT = 5
SUSPICIOUS_COUNT = 3
BOT_ACTION_AGE_S = 10
JSON_ENTRIES = 50

_VARIABLE = re.compile(
    r"(?<!\w)'[^'\n]{0,80}'(?!\w)"
    r'|"[^"\n]{0,80}"'
    r"|\b0x[0-9A-Fa-f]+|\b[0-9A-Fa-f]{8,}\b|(?:(?<![\w)\]-])-)?\d+(?:\.\d+)?"
)
_NAMED = re.compile(
    r"\b(?P<who>(?i:players?|(?:player)?bots?|characters?|accounts?|creatures?|units?|members?|guilds?|leader|master|owner"
    r"|caster|victim|attacker|target|name)(?: ?[:=] ?| )[\[(<]?)(?P<name>[^\W\d_a-z]\w{1,30})"
)
"""A name behind a word that is followed by names: it begins with a capital."""
_WORD = re.compile(r"[^\W\d_a-z]\w*")
_NULL_POINTER = re.compile(r"\bnull(?:ptr)?\b|\b(?:null|invalid|dangling)[ -]?pointer\b", re.IGNORECASE)
_BOT_ACTION = re.compile(
    r"(?i:\b(?:actions?|execut(?:es?|ed|ing)|casts?|casting|attacking|moving|following|healing|fleeing|looting"
    r"|teleporting|resurrecting)\b)"
    r"|[a-z]Action\b"
    r"|\bA:\S[^\n]{0,80} - (?:OK|FAILED)\b"
    r"|(?i:\bbot\s+\S[^:\n]{0,80}:\s*\S)"
)


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


def correlate(windows: Mapping[str, LogWindow]) -> LogReport:
    """
    Find what stands out in the windows of one crash, given by the log's file name.

    Only the windows that `current` keeps are read; the notes name the others.
    """
    kept = current(windows)
    names = _names(line for window in kept.values() for line in window.lines)
    counts = _merge([count for name, window in kept.items() for count in _count(name, window, names)], names)
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
        last_bot_action=_last_bot_action(kept, common_reference(windows.values())),
        notes=tuple(_note(name, window, is_read=name in kept) for name, window in windows.items()),
    )


def is_playerbot_log(name: str) -> bool:
    """Tell a log of the bots from a log of the server by its file name (Playerbot.log, Playerbots.log)."""
    return "playerbot" in name.casefold()


def _note(name: str, window: LogWindow, *, is_read: bool) -> str:
    if not is_read:
        return (
            f"{name}: left out, because its last line ({to_iso(window.reference)}) is not of the minute of the crash."
        )
    if window.basis == "tail":
        return f"{name}: its lines carry no time, so the last {len(window.lines)} were read."
    missing = "" if window.is_complete else f" {_missing(window)}"
    if window.basis == "last line":
        told = "the crash's time is unknown or outside of this log, so the lines before its last were read."
        return f"{name}: {told}{missing}"
    return f"{name}: the lines before the crash's time were read.{missing}"


def _missing(window: LogWindow) -> str:
    """Say how far a window reaches that does not hold all lines of its minute."""
    known = (line.time for line in window.lines if line.time is not None)
    oldest = next(known, None)
    if oldest is None or window.reference is None:
        return "What was saved of it begins later."
    reach_s = max(0, round((window.reference - oldest).total_seconds()))
    return f"The server wrote so much that not all of them were saved or read: they reach back {reach_s} s."


def _names(lines: Iterable[LogLine]) -> frozenset[str]:
    """Find the names in some lines, to know them in others: a bot that acts may be waited for without such a word."""
    return frozenset(found["name"] for line in lines for found in _NAMED.finditer(line.text[:JSON_TEXT_LIMIT]))


def _count(name: str, window: LogWindow, names: frozenset[str]) -> list[LineCount]:
    """Group the equal lines of one log, in the order of each group's newest line."""
    groups: dict[tuple[Level | None, str], list[LogLine]] = {}
    for line in window.lines:
        key = (line.level, _shape(line.text, names))
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


def _merge(counts: Sequence[LineCount], names: frozenset[str]) -> list[LineCount]:
    """Join the groups of several logs, nearest the crash first; the log with most of the lines gives the count."""
    merged: dict[tuple[Level | None, str], LineCount] = {}
    for count in sorted(counts, key=lambda count: to_iso(count.last) or ""):
        key = (count.level, _shape(count.text, names))
        known = merged.pop(key, None)
        if known is not None:
            most = max(known, count, key=lambda each: each.count)
            merged[key] = replace(most, logs=(*known.logs, *count.logs))
        else:
            merged[key] = count
    return list(reversed(merged.values()))


def _shape(text: str, names: frozenset[str]) -> str:
    """Mask what varies from one occurrence of a line to the next; continuation lines are not compared."""
    first = text.partition("\n")[0][:JSON_TEXT_LIMIT]
    shape = _VARIABLE.sub("?", _NAMED.sub(r"\g<who>?", first))
    return _WORD.sub(lambda found: "?" if found[0] in names else found[0], shape) if names else shape


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
