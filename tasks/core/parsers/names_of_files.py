"""
What the name of a crash file tells: the time of the crash, in the server's local time.

Names lie about formats, so nothing else is read from them. Servers of the TrinityCore family write
``HASH_NAME.exe_[D-M_H-M-S].txt`` without year or padding; others, gdb's scripts among them, the full date.
"""

import re
from datetime import datetime, timedelta

_FULL = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.](\d{1,2})[-_.](\d{1,2})[-_.T ](\d{1,2})[-_.:](\d{1,2})[-_.:](\d{1,2})(?!\d)"
)
_NO_YEAR = re.compile(
    r"[\[_.](\d{1,2})-(\d{1,2})_(\d{1,2})-(\d{1,2})-(\d{1,2})(?!\d)\]?(?:\(\d{1,3}\))?(?:\.[A-Za-z0-9]{1,5}){0,3}$"
)

_SLACK = timedelta(days=1)
"""The known time may be cut to minutes, or be of another time zone."""


def time_from_name(name: str, *, known: datetime | None = None) -> datetime | None:
    """
    Read the time of a crash from the name of its file (without folders); naive, as names state no zone.

    ``known`` is a time soon after the crash, as the date within the report or the file's time of change: it gives the
    year where the name has none. Returns None for names without a time, without a year, or with an impossible date.
    """
    full = _FULL.search(name[-200:])
    if full:
        return _time(*(int(number) for number in full.groups()))
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
