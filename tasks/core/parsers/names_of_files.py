"""
What the name of a crash file tells: the time of the crash, in the server's local time.

Names lie about formats, so nothing else is read from them. Servers of the TrinityCore family write
``HASH_NAME.exe_[D-M_H-M-S].txt`` without year or padding, which sites that take attachments spell in their own way;
others, gdb's scripts among them, the full date, and systems name cores by seconds since 1970.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tasks.core.crash import Crash

_FULL = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.](\d{1,2})[-_.](\d{1,2})[-_.T ](\d{1,2})[-_.:](\d{1,2})[-_.:](\d{1,2})(?!\d)"
)
_NO_YEAR = re.compile(
    r"(?:[\[_.]|%5B|exe)(\d{1,2})[-_](\d{1,2})_(\d{1,2})[-_](\d{1,2})[-_](\d{1,2})(?!\d)"
    r"(?:\\?\]|%5D)?(?: ?\(\d{1,3}\))?(?:\.[A-Za-z0-9]{1,5}){0,3}$"
)
_SECONDS = re.compile(r"(?<=[._-])(1\d{9})(?:\d{6})?(?=\.|$)")

_SLACK = timedelta(days=1)
"""The known time may be cut to minutes, or be of another time zone."""

_SAME = timedelta(minutes=2)
"""Reports state minutes, and their files are named by the second in which they are opened."""


def dated(crash: Crash, *, name: str, changed_at: datetime) -> Crash:
    """
    Give a crash the best time that is known, with a note that says which.

    What the report states goes first, with the seconds that the file's name adds to it, then the name, then
    ``changed_at``, the file's time of change (aware, in the server's zone).
    """
    stated = crash.occurred_at
    named = time_from_name(name, known=stated or changed_at)
    if stated is None:
        source = "from the name of its file" if named else "of the last change of its file"
        return replace(crash, occurred_at=named or changed_at, notes=(*crash.notes, f"The time is {source}."))
    is_same = named is not None and named.tzinfo is None and stated.tzinfo is None and abs(named - stated) <= _SAME
    note = "The time is the report's own" + (", to the second of its file's name." if is_same else ".")
    return replace(crash, occurred_at=named if is_same else stated, notes=(*crash.notes, note))


def time_from_name(name: str, *, known: datetime | None = None) -> datetime | None:
    """
    Read the time of a crash from the name of its file (without folders); naive, as names state no zone but UTC's.

    ``known`` is a time soon after the crash, as the date within the report or the file's time of change: it gives the
    year where the name has none. Returns None for names without a time, without a year, or with an impossible date.
    """
    full = _FULL.search(name[-200:])
    if full:
        return _time(*(int(number) for number in full.groups()))
    seconds = _SECONDS.search(name[-200:])
    if seconds:
        return datetime.fromtimestamp(int(seconds[1]), tz=UTC)
    short = _NO_YEAR.search(name[-200:])
    if short is None or known is None:
        return None
    day, month, *clock = (int(number) for number in short.groups())
    latest = known.replace(tzinfo=None) + _SLACK
    found = [_time(year, month, day, *clock) for year in (known.year + 1, known.year, known.year - 1)]
    return next((time for time in found if time and time <= latest), None)


def _time(*numbers: int) -> datetime | None:
    try:
        return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 (names state no zone)
    except ValueError:
        return None
