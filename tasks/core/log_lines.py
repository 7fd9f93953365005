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
_STANDING_OUT = re.compile(rb"^(?:\d{4}-\d\d-\d\d[_ T]\d\d:\d\d:\d\d )?(?:FATAL|ERROR|WARN)[^\n]{0,4096}", re.MULTILINE)
_CONTRADICTING_SHARE = 0.5


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
    """
    The columns of a log's lines. All False is the default of TrinityCore and AzerothCore: bare text.

    ``least_level`` is for logs that take nothing below it, as an Errors.log: without a column, each line has it.
    """

    has_time: bool = False
    has_level: bool = False
    has_type: bool = False
    least_level: Level | None = None


def parse(content: bytes, log_format: LogFormat | None = None, *, is_cut: bool = False) -> tuple[LogLine, ...]:
    """
    Read a log's tail into its lines, oldest first. No input is refused.

    Each line is UTF-8 or else Windows-1252: one log mixes both. A line without the columns of the format continues the
    line before it. Blank lines are dropped.

    Args:
        content: the tail as it lies on the disk.
        log_format: the columns, as `worldserver_conf` tells them; None sniffs them over the whole tail.
        is_cut: the tail begins within a line, which is dropped.
    """
    texts = _physical_lines(content, is_cut=is_cut)
    chosen = _chosen(texts, log_format)
    pattern = _record_pattern(chosen)
    if pattern is None:
        return tuple(LogLine(text=text[:TEXT_LIMIT], level=chosen.least_level) for text in texts)
    found = _records(texts, pattern)
    if chosen.least_level is None or chosen.has_level:
        return tuple(found)
    return tuple(replace(line, level=chosen.least_level) for line in found)


def sniff(content: bytes, log_format: LogFormat | None = None, *, is_cut: bool = False) -> LogFormat:
    """
    Find the columns of a log, by their shares or as its configuration says.

    A configuration may have been changed after the server read it: where the lines plainly have times and it says none,
    or the other way round, the lines are believed.
    """
    return _chosen(_physical_lines(content, is_cut=is_cut), log_format)


def standing_out(content: bytes) -> bytes:
    """
    Return only the lines that a level column marks as warning or worse, without their continuation lines.

    Much faster than to parse all lines, for the part of a log that is too large for it.
    """
    return b"".join(line + b"\n" for line in _STANDING_OUT.findall(content))


def to_iso(time: datetime | None) -> str | None:
    """Write a time for JSON."""
    return time.isoformat() if time else None


def shorten(text: str) -> str:
    """Cut a line's text for JSON."""
    return text if len(text) <= JSON_TEXT_LIMIT else text[: JSON_TEXT_LIMIT - 3] + "..."


def decode(content: bytes) -> str:
    """Read UTF-8, or else Windows-1252; bytes that neither knows become replacement characters."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _physical_lines(content: bytes, *, is_cut: bool) -> list[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\n".join(decode(line) for line in content.rsplit(b"\n", LINE_LIMIT))
    lines = _CONTROLS.sub("", text).rsplit("\n", LINE_LIMIT)
    # Above the limit the first element holds everything older.
    if is_cut or len(lines) > LINE_LIMIT:
        del lines[0]
    return [line for line in lines if line and not line.isspace()]


def _chosen(texts: Sequence[str], log_format: LogFormat | None) -> LogFormat:
    if log_format is None:
        return _sniff(texts)
    timed = sum(1 for text in texts if _TIME_COLUMN.match(text))
    is_contradicted = timed == 0 if log_format.has_time else timed >= _CONTRADICTING_SHARE * len(texts)
    return replace(_sniff(texts), least_level=log_format.least_level) if texts and is_contradicted else log_format


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
