"""
What a worldserver.conf says about the server's logs: where they lie, and which columns their lines have.

The keys are those of TrinityCore and AzerothCore: ``LogsDir``, ``Appender.NAME = type,level,flags,file,mode,size`` and
``Logger.NAME = level,appenders``. The two count levels in opposite directions, which only the comments of their
configuration files tell.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tasks.core.log_lines import Level, LogFormat, decode

FILES_LIMIT = 16

_SETTING = re.compile(r"[ \t]*(?P<key>LogsDir|(?:Appender|Logger)\.[\w.-]{1,80})[ \t]*=(?P<value>.*)", re.ASCII)
_FIRST_LEVEL = re.compile(r"^#[ \t]*1 - \((trace|fatal)\)", re.IGNORECASE | re.MULTILINE)
_TYPE_FILE = "2"
_HAS_TIME, _HAS_LEVEL, _HAS_TYPE, _HAS_DATED_NAME = 1, 2, 4, 8

Scale = Literal["trace first", "fatal first"]
_SEVERE: dict[tuple[Scale, int], Level] = {
    ("trace first", 5): "ERROR",
    ("trace first", 6): "FATAL",
    ("fatal first", 1): "FATAL",
    ("fatal first", 2): "ERROR",
}


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """A log that the server writes; ``name`` may hold ``*`` where the server puts a date."""

    name: str
    log_format: LogFormat


@dataclass(frozen=True, kw_only=True)
class ServerLogs:
    """All logs of a server; ``folder`` is as configured, often relative to where the server was started."""

    folder: str = ""
    files: tuple[LogFile, ...] = ()


@functools.lru_cache(maxsize=16)
def parse(content: bytes) -> ServerLogs:
    """
    Read a worldserver.conf; no input is refused.

    Appenders that write no file, that no logger uses, or that are not understood are left out, and so are those with a
    file for each account or player (``%s``): they say nothing of a crash. Of a key that stands twice the last counts.
    """
    text = decode(content)
    settings: dict[str, str] = {}
    for line in text.splitlines():
        found = _SETTING.match(line)
        if found:
            settings[found["key"]] = found["value"].strip(" \t\"'")
    used = _used(settings)
    scale = _scale(text)
    files: dict[str, LogFile] = {}
    for key, value in settings.items():
        kind, _, name = key.partition(".")
        file = _file(value, scale) if kind == "Appender" and (used is None or name in used) else None
        if file is not None:
            files[file.name] = file
    return ServerLogs(folder=settings.get("LogsDir", ""), files=tuple(files.values())[:FILES_LIMIT])


def _scale(text: str) -> Scale | None:
    found = _FIRST_LEVEL.search(text)
    if found is None:
        return None
    return "trace first" if found[1].casefold() == "trace" else "fatal first"


def _used(settings: dict[str, str]) -> frozenset[str] | None:
    """Return the appenders that some logger writes to; None where no logger is configured."""
    lists = [value.partition(",")[2].split() for key, value in settings.items() if key.startswith("Logger.")]
    return frozenset(_all(lists)) if lists else None


def _all(lists: Iterable[list[str]]) -> Iterable[str]:
    return (name.strip("\"',") for names in lists for name in names)


def _file(value: str, scale: Scale | None) -> LogFile | None:
    fields = [field.strip(" \t\"'") for field in value.split(",")]
    if len(fields) < 4 or fields[0] != _TYPE_FILE or not fields[3] or "%" in fields[3]:
        return None
    if not all(re.fullmatch("[0-9]{1,3}", field) for field in fields[1:3]):
        return None
    level, flags = int(fields[1]), int(fields[2])
    log_format = LogFormat(
        has_time=bool(flags & _HAS_TIME),
        has_level=bool(flags & _HAS_LEVEL),
        has_type=bool(flags & _HAS_TYPE),
        least_level=_SEVERE.get((scale, level)) if scale else None,
    )
    name = _name(fields[3].replace("\\", "/"), is_dated=bool(flags & _HAS_DATED_NAME))
    return LogFile(name=name, log_format=log_format)


def _name(path: str, *, is_dated: bool) -> str:
    """With the flag for it the server puts ``_YYYY-MM-DD_HH-MM-SS`` before the name's suffix."""
    if not is_dated:
        return path
    stem, dot, suffix = path.rpartition(".")
    return f"{stem}_*{dot}{suffix}" if dot and "/" not in suffix else f"{path}_*"
