"""
The lines of a server's log: what one line is, which columns it has, and how a log's raw tail becomes lines.

The grammar is that of the TrinityCore family: an appender's flags decide which columns its lines have, and by default
there are none. A level is therefore never guessed from one line.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Level = Literal["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]
Json = dict[str, object]

LEVELS: Mapping[str, Level] = {
    "FATAL": "FATAL",
    "ERROR": "ERROR",
    "WARN": "WARN",
    "INFO": "INFO",
    "DEBUG": "DEBUG",
    "TRACE": "TRACE",
}

TEXT_LIMIT = 4096
"""Characters of one log line, continuation lines included."""
LINE_LIMIT = 200_000
"""Lines of one tail that are looked at, the newest: it bounds the memory that a tail of very short lines can take."""
JSON_TEXT_LIMIT = 300

_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
_TIME = r"(?P<time>\d{4}-\d\d-\d\d[_ T]\d\d:\d\d:\d\d)(?: |$)"
_LEVEL = r"(?P<level>FATAL|ERROR|DEBUG|TRACE|(?:WARN|INFO)(?![A-Za-z])) {0,2}"
_TYPE = r"\[(?P<logger>[\w.-]{1,80})\] ?"
_TIME_COLUMN = re.compile(_TIME, re.ASCII)
_LEVEL_COLUMN = re.compile(_LEVEL, re.ASCII)
_BARE_LEVEL_COLUMN = re.compile(r"(?:FATAL|ERROR|WARN|INFO|DEBUG|TRACE)(?: {1,2}|(?=\[))")
_TYPE_COLUMN = re.compile(_TYPE, re.ASCII)
_APPENDER = re.compile(r"[ \t]*Appender\.[\w.-]+[ \t]*=(?P<value>.*)", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """
    One entry of a log. ``time`` is naive, the server's local time; ``text`` may hold newlines.

    ``time``, ``level`` and ``logger`` are None where the log has no such column.
    """

    time: datetime | None = None
    level: Level | None = None
    logger: str | None = None
    text: str

    def to_json(self) -> Json:
        """Return the line for a report, its text capped."""
        return {"time": to_iso(self.time), "level": self.level, "logger": self.logger, "text": shorten(self.text)}


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFormat:
    """The columns of a log's lines. All False is the default of TrinityCore and AzerothCore: bare text."""

    has_time: bool = False
    has_level: bool = False
    has_type: bool = False


def parse(content: bytes, log_format: LogFormat | None = None, *, is_cut: bool = False) -> tuple[LogLine, ...]:
    """
    Read a log's tail into its lines, oldest first. No input is refused.

    Each line is UTF-8 or else Windows-1252: one log mixes both. A line without the columns of the format continues the
    line before it. Blank lines are dropped.

    Args:
        content: the tail as it lies on the disk.
        log_format: the columns, from `parse_appender_flags`; None sniffs them over the whole tail.
        is_cut: the tail begins within a line, which is dropped.
    """
    texts = _physical_lines(content, is_cut=is_cut)
    pattern = _record_pattern(_sniff(texts) if log_format is None else log_format)
    if pattern is None:
        return tuple(LogLine(text=text[:TEXT_LIMIT]) for text in texts)
    return tuple(_records(texts, pattern))


def parse_appender_flags(conf: bytes) -> dict[str, LogFormat]:
    """
    Read from a worldserver.conf which columns each log file has: file name -> columns.

    The value of an appender is ``type,level,flags,file,mode,size``; type 2 writes a file, and of the flags 1 is the
    time, 2 the level, 4 the type. Appenders that are not understood are left out, their logs get sniffed.
    """
    formats = {}
    for line in _decode(conf).splitlines():
        found = _APPENDER.match(line)
        fields = [field.strip(" \t\"'") for field in found["value"].split(",")] if found else []
        if len(fields) < 4 or fields[0] != "2" or not re.fullmatch("[0-9]{1,3}", fields[2]):
            continue
        name = fields[3].replace("\\", "/").rpartition("/")[2]
        flags = int(fields[2])
        formats[name] = LogFormat(has_time=bool(flags & 1), has_level=bool(flags & 2), has_type=bool(flags & 4))
    return formats


def to_iso(time: datetime | None) -> str | None:
    """Write a time for JSON."""
    return time.isoformat() if time else None


def shorten(text: str) -> str:
    """Cut a line's text for JSON."""
    return text if len(text) <= JSON_TEXT_LIMIT else text[: JSON_TEXT_LIMIT - 3] + "..."


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _physical_lines(content: bytes, *, is_cut: bool) -> list[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\n".join(_decode(line) for line in content.rsplit(b"\n", LINE_LIMIT))
    lines = _CONTROLS.sub("", text).rsplit("\n", LINE_LIMIT)
    # Above the limit the first element holds everything older.
    if is_cut or len(lines) > LINE_LIMIT:
        del lines[0]
    return [line for line in lines if line and not line.isspace()]


def _sniff(texts: Sequence[str]) -> LogFormat:
    """
    Find the columns of a log by their shares.

    Where lines have times, at least every tenth line has one (the others continue it), and then the next columns stand
    in nearly all timed lines. Without times, a column must begin at least half of the lines: a bare text may well start
    with the word ERROR.
    """
    rests = [text[found.end() :] for text in texts if (found := _TIME_COLUMN.match(text))]
    has_time = bool(rests) and 10 * len(rests) >= len(texts)
    if not has_time:
        rests = list(texts)
    least = 0.9 if has_time else 0.5
    rests, has_level = _strip_column(_LEVEL_COLUMN if has_time else _BARE_LEVEL_COLUMN, rests, least)
    _, has_type = _strip_column(_TYPE_COLUMN, rests, 0.9 if has_time or has_level else 0.5)
    return LogFormat(has_time=has_time, has_level=has_level, has_type=has_type)


def _strip_column(column: re.Pattern[str], texts: list[str], least: float) -> tuple[list[str], bool]:
    rests = [text[found.end() :] for text in texts if (found := column.match(text))]
    has_column = bool(rests) and len(rests) >= least * len(texts)
    return (rests if has_column else texts), has_column


@functools.cache
def _record_pattern(log_format: LogFormat) -> re.Pattern[str] | None:
    """The first column that a format has begins every line; later ones may be missing in a forged or cut line."""
    columns = [
        column
        for column, is_present in (
            (_TIME, log_format.has_time),
            (_LEVEL, log_format.has_level),
            (_TYPE, log_format.has_type),
        )
        if is_present
    ]
    if not columns:
        return None
    first, *others = columns
    return re.compile(first + "".join(f"(?:{column})?" for column in others), re.ASCII)


def _records(texts: Iterable[str], pattern: re.Pattern[str]) -> Iterator[LogLine]:
    head: LogLine | None = None
    parts: list[str] = []
    size = 0
    for text in texts:
        opened = _open(text, pattern)
        if opened is None and head is not None:
            if size < TEXT_LIMIT:
                parts.append(text)
                size += len(text) + 1
            continue
        if head is not None:
            yield _joined(head, parts)
        if opened is None:
            yield LogLine(text=text[:TEXT_LIMIT])
        else:
            head, parts, size = opened, [], len(opened.text)
    if head is not None:
        yield _joined(head, parts)


def _open(text: str, pattern: re.Pattern[str]) -> LogLine | None:
    """Read the columns that begin a line; None for a line that continues another."""
    found = pattern.match(text)
    if found is None:
        return None
    columns = found.groupdict()
    time = None
    if "time" in columns:
        time = _time(columns["time"])
        if time is None:
            return None
    level = columns.get("level")
    return LogLine(
        time=time,
        level=LEVELS[level] if level else None,
        logger=columns.get("logger"),
        text=text[found.end() : found.end() + TEXT_LIMIT],
    )


def _joined(head: LogLine, parts: list[str]) -> LogLine:
    return replace(head, text="\n".join([head.text, *parts])[:TEXT_LIMIT]) if parts else head


@functools.lru_cache(maxsize=1024)
def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("_", "T"))
    except ValueError:
        return None
