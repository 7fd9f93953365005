"""
The lines of a log that stand before a crash.

A log's times are the wall clock of its server and carry no zone, a file's time is a moment of the world, and a report
states the server's wall clock, often to the minute. Bringing them together is the work of this room.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from tasks.core.log_lines import Json, LogFormat, LogLine, parse, sniff, standing_out, to_iso

Basis = Literal["crash time", "last line", "tail"]

STANDING_OUT = frozenset({"FATAL", "ERROR", "WARN"})
TAIL_LINES = 200
WINDOW_LINES = 500
WINDOW = timedelta(seconds=60)
SLACK = timedelta(seconds=2)
"""Log times are cut to whole seconds, and the dying process may still write: lines up to 2 s late belong to a crash."""
CLOCK_TOLERANCE = timedelta(minutes=1)
SKEW = timedelta(seconds=5), timedelta(minutes=5)
"""By so much the clocks of a server and of the disk that holds its files may differ; less does no harm."""
SET_BACK = timedelta(minutes=10)
"""Where the times of a log drop by this much and stay there, its clock was set back, as at the end of summer."""
NEWEST_BYTES = 64 * 1024

_QUARTER = timedelta(minutes=15)
_FARTHEST_ZONE = timedelta(hours=14)
_HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class SavedLog:
    """
    The end of a log as it was saved. ``is_cut``: it begins within a line.

    ``log_format`` are the columns that the server's configuration tells, ``modified_at`` (aware) is when the file was
    last written; both may be unknown.
    """

    content: bytes
    is_cut: bool = False
    log_format: LogFormat | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LogWindow:
    """
    The lines of one log before a crash, oldest first.

    ``basis`` says by what the window was cut: the crash's own time, the log's last line (when the crash's time is
    unknown or does not fit the log's clock), or merely the end of the file (when lines carry no time). ``reference`` is
    the end of the window on the log's clock. Of a window with more lines than the limit the newest are kept, and of the
    older ones the newest that warn or worse; ``left_out`` counts the rest. ``is_complete`` is False where what was
    saved of the log begins later than the window, or where of its older lines only what stands out was read.
    """

    lines: tuple[LogLine, ...]
    basis: Basis
    reference: datetime | None = None
    left_out: int = 0
    is_complete: bool = True

    def to_json(self) -> Json:
        """Return the window for a report: at most `WINDOW_LINES` lines, the newest."""
        lines = self.lines[-WINDOW_LINES:]
        return {
            "basis": self.basis,
            "reference": to_iso(self.reference),
            "left_out": self.left_out + len(self.lines) - len(lines),
            "is_complete": self.is_complete,
            "lines": [line.to_json() for line in lines],
        }


def window(saved: SavedLog, crashed_at: datetime | None) -> LogWindow:
    """
    Read the end of a log and take its window, as `cut` does.

    A log can be too large to be read for each of many crashes: then the last `NEWEST_BYTES` are read, and what is older
    only as far as the window reaches there. Of a window with very many lines, the older part gives what stands out.
    """
    content = saved.content
    start = content.rfind(b"\n", 0, len(content) - NEWEST_BYTES) + 1 if len(content) > NEWEST_BYTES else 0
    newest = content[start:]
    is_cut = saved.is_cut and start == 0
    log_format = sniff(newest, saved.log_format, is_cut=is_cut)
    lines = parse(newest, log_format, is_cut=is_cut)
    moment = _moment(lines, saved.modified_at, crashed_at)
    found = cut(lines, moment)
    if start and not _reaches_back(found, lines, moment):
        if len(found.lines) >= WINDOW_LINES:
            older = parse(standing_out(content[:start]), log_format) if log_format.has_level else ()
            return replace(cut((*older, *lines), moment), is_complete=False)
        lines = parse(content, log_format, is_cut=saved.is_cut)
        found = cut(lines, moment)
    is_begun = saved.is_cut and not _reaches_back(found, lines, moment)
    return replace(found, is_complete=not is_begun)


def cut(
    lines: Sequence[LogLine], crashed_at: datetime | None, seconds: int = 60, limit: int = WINDOW_LINES
) -> LogWindow:
    """
    Take the lines of the last ``seconds`` before a crash, by the log's own clock, the newest ``limit`` of them.

    ``crashed_at`` is the server's local time; of an aware one the wall clock counts, and its zone tells when the clock
    was set forward. When it lies more than a minute outside of the log's times (another zone, or a log of another run),
    the log's last time stands in for it and the window says so. A time without seconds is taken as to the minute: the
    log's last line within that minute ends the window.
    """
    times = _unwound([line.time for line in lines])
    known = [time for time in times if time is not None]
    if not known:
        tail = tuple(lines[max(0, len(lines) - min(limit, TAIL_LINES)) :])
        return LogWindow(lines=tail, basis="tail", left_out=len(lines) - len(tail))
    basis, reference = _clock(known, crashed_at)
    length = timedelta(seconds=seconds)
    if basis == "crash time" and crashed_at is not None:
        length += _set_forward(crashed_at, length)
    inside = [
        line
        for line, time in zip(lines, times, strict=True)
        if time is not None and -SLACK <= reference - time < length
    ]
    kept = _newest(inside, limit)
    return LogWindow(lines=kept, basis=basis, reference=reference, left_out=len(inside) - len(kept))


def _newest(lines: Sequence[LogLine], limit: int) -> tuple[LogLine, ...]:
    """Keep the newest lines, and before them the newest that stand out."""
    start = max(0, len(lines) - limit)
    older = [line for line in lines[:start] if line.level in STANDING_OUT]
    return (*older[max(0, len(older) - limit) :], *lines[start:])


def _reaches_back(found: LogWindow, lines: Sequence[LogLine], crashed_at: datetime | None) -> bool:
    """True where the lines are enough: the oldest of them is older than the window, or the tail is full."""
    oldest = next((line.time for line in lines if line.time is not None), None)
    if oldest is None or found.reference is None:
        return len(lines) > TAIL_LINES
    if crashed_at is not None and crashed_at.replace(tzinfo=None) < oldest:
        return False
    return found.reference - oldest > WINDOW


def current(windows: Mapping[str, LogWindow]) -> dict[str, LogWindow]:
    """
    Keep the windows that are about the crash.

    All logs of a server share a clock. A window that was cut by its log's last line is dropped when that line is not of
    the minute before the crash: a quiet log, or one that a restart began anew, says nothing of this crash.
    """
    reference = common_reference(windows.values())
    return {name: window for name, window in windows.items() if _is_current(window, reference)}


def common_reference(windows: Iterable[LogWindow]) -> datetime | None:
    """Return the end of all windows on the clock of the server, by the crash's own time where one of them has it."""
    known = [(window.basis == "crash time", window.reference) for window in windows if window.reference is not None]
    return max(known)[1] if known else None


def _is_current(window: LogWindow, reference: datetime | None) -> bool:
    if window.reference is None or reference is None:
        return True
    return abs(reference - window.reference) <= CLOCK_TOLERANCE + SLACK


def _clock(times: Sequence[datetime], crashed_at: datetime | None) -> tuple[Basis, datetime]:
    # Only differences are computed: a hostile year 1 or 9999 has no minute before or after it.
    if crashed_at is not None:
        wall = crashed_at.replace(tzinfo=None)
        if min(times) - wall <= CLOCK_TOLERANCE and wall - max(times) <= CLOCK_TOLERANCE:
            return "crash time", _to_the_second(wall, times)
    return "last line", times[-1]


def _to_the_second(wall: datetime, times: Sequence[datetime]) -> datetime:
    """Reports of the TrinityCore family state the minute of the crash: the server's last line in it is nearer."""
    if wall.second or wall.microsecond:
        return wall
    return max((time for time in times if timedelta(0) <= time - wall < timedelta(minutes=1)), default=wall)


def _unwound(times: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """
    Put all times on the clock of the last line: those from before the clock was set back move with it.

    A single line that is out of order moves nothing. Clocks are set back by whole half hours.
    """
    known = [(place, time) for place, time in enumerate(times) if time is not None]
    found = None
    for number in range(1, len(known)):
        before, time = known[number - 1][1], known[number][1]
        if before - time < SET_BACK:
            continue
        is_outlier = number > 1 and known[number - 2][1] <= time
        is_return = number + 1 < len(known) and before - known[number + 1][1] < SET_BACK
        if not is_outlier and not is_return:
            found = known[number][0], before - time
    if found is None:
        return times
    place, drop = found
    by = -(-(drop - SLACK) // _HALF_HOUR) * _HALF_HOUR
    return [_earlier(time, by) if time is not None else None for time in times[:place]] + list(times[place:])


def _earlier(time: datetime, by: timedelta) -> datetime:
    try:
        return time - by
    except OverflowError:
        return time


def _set_forward(crashed_at: datetime, length: timedelta) -> timedelta:
    """Return by how much the clocks of a zone were set forward within the time before a crash."""
    if crashed_at.tzinfo is None:
        return timedelta(0)
    try:
        before = (crashed_at.astimezone(UTC) - length).astimezone(crashed_at.tzinfo)
    except OverflowError:
        return timedelta(0)
    return max(timedelta(0), crashed_at.replace(tzinfo=None) - before.replace(tzinfo=None) - length)


def _moment(lines: Sequence[LogLine], modified_at: datetime | None, crashed_at: datetime | None) -> datetime | None:
    """
    Return the time of a crash as the log's clock shows it.

    The last line and the time at which the file was written tell how far the log's clock is from the world's: the
    server may be in another zone than was configured, or its clock be wrong. That is believed where it brings the crash
    nearer to the last line.
    """
    last = next((line.time for line in reversed(lines) if line.time is not None), None)
    if crashed_at is None or crashed_at.tzinfo is None or modified_at is None or last is None:
        return crashed_at
    offset = _log_offset(last, modified_at, crashed_at.utcoffset() or timedelta(0))
    if offset is None:
        return crashed_at
    try:
        told = crashed_at.astimezone(UTC).replace(tzinfo=None) + offset
    except OverflowError:
        return crashed_at
    wall = crashed_at.replace(tzinfo=None)
    return told if abs(told - last) < abs(wall - last) else crashed_at


def _log_offset(last: datetime, modified_at: datetime, zone: timedelta) -> timedelta | None:
    offset = last - modified_at.astimezone(UTC).replace(tzinfo=None)
    if SKEW[0] < abs(offset - zone) <= SKEW[1]:
        return offset
    quarter = round(offset / _QUARTER) * _QUARTER
    is_zone = abs(quarter) <= _FARTHEST_ZONE and -CLOCK_TOLERANCE <= offset - quarter <= SLACK
    return quarter if is_zone else None
