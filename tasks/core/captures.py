"""
Crash files in a watched folder: which to consider, which belong together, and when one is complete.

A name tells only what is surely none of a crash (an editor's or a copier's temporary file); what a file is, its content
says later. The shell looks at the folder and passes what it saw as values; this room decides.
"""

import posixpath
import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

EMPTY_PATIENCE_S = 300.0
"""A file without a byte is a report that is about to be written; after this time it is one that never was."""

OPEN_REPORT_FACTOR = 15.0
"""A report without its end may be silent this many times longer: the server looks up symbols between two stacks."""

PATIENCE_LIMIT_S = 3600.0
_TAIL = 4096

_TEMPORARY = re.compile(
    r"\..*|.*~|#.*#|~\$.*|.*\.(?:sw[a-z]|tmp|temp|part|partial|crdownload|download|filepart|lock|lck|pid)|4913"
    r"|desktop\.ini|thumbs\.db",
    re.IGNORECASE,
)
_KNOWN_SUFFIX = re.compile(r"(?:\.cdb_analysis)?\.(?:m?dmp|txt|log)$", re.IGNORECASE)
_SERVER_STEM = re.compile(
    r"(?:(?P<hash>[0-9a-f]{7,40}[+.]?|unknown|Archive)_)?(?P<program>.+?\.exe)[_.]{0,2}"
    r"\[?(?P<time>\d{1,4}(?:[-_]\d{1,2}){4,5})\]?",
    re.IGNORECASE,
)
_NOT_A_NUMBER = re.compile(r"\D+")


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """
    What the file system said of a file at a moment.

    ``at`` is a monotonic time in seconds, ``age_s`` how long ago the file was last written as far as that may be
    believed. ``is_closed`` says that its writer closed it, or that it was moved to its place.
    """

    inode: int
    size: int
    mtime_ns: int
    at: float
    age_s: float = 0.0
    is_closed: bool = False

    @property
    def identity(self) -> tuple[int, int, int]:
        """What makes a row of its own: the same path with another identity is another dump."""
        return self.inode, self.size, self.mtime_ns


@dataclass(frozen=True, kw_only=True)
class WatchedFile:
    """
    A file over time: since when it has not changed, and whether it was recorded as it is.

    ``records`` counts how often this file was recorded, ``is_text`` and ``lacks_end`` what its bytes said at the last
    look. All of it may be forgotten and learned again; the database refuses what it has.
    """

    identity: tuple[int, int, int]
    since: float
    is_closed: bool = False
    is_recorded: bool = False
    records: int = 0
    is_text: bool = False
    lacks_end: bool = False

    @property
    def size(self) -> int:
        """The size in bytes at the last look."""
        return self.identity[1]


def is_considered(name: str) -> bool:
    """Tell whether a file of this name may be of a crash; hidden and temporary files are not."""
    return not _TEMPORARY.fullmatch(name)


def observe(before: WatchedFile | None, seen: Sighting) -> WatchedFile:
    """Add a sighting to what is known of a file."""
    if before is None:
        return WatchedFile(identity=seen.identity, since=seen.at - max(0.0, seen.age_s), is_closed=seen.is_closed)
    if before.identity == seen.identity:
        return replace(before, is_closed=before.is_closed or seen.is_closed)
    return replace(
        before,
        identity=seen.identity,
        since=seen.at,
        is_closed=seen.is_closed,
        is_recorded=False,
        # A file that took the place of another is as new as any; one that grew is the same one.
        records=before.records if before.identity[0] == seen.inode and seen.size > before.size else 0,
        lacks_end=False,
    )


def remaining_s(file: WatchedFile, now: float, settle_s: float) -> float | None:
    """
    Return the seconds until a file counts as complete if nothing happens to it; None where it is recorded as it is.

    A closed file is complete, any other one after it has not changed for ``settle_s``. A text that grows again and
    again after it was recorded is a log: each time it has to rest twice as long.
    """
    if file.is_recorded:
        return None
    if file.size == 0:
        patience = EMPTY_PATIENCE_S
    elif file.records and file.is_text:
        patience = min(settle_s * 2**file.records, PATIENCE_LIMIT_S)
    elif file.is_closed:
        patience = 0.0
    else:
        patience = settle_s * (OPEN_REPORT_FACTOR if file.lacks_end else 1.0)
    return max(0.0, file.since + patience - now)


def recorded(file: WatchedFile) -> WatchedFile:
    """Note that the file was recorded as it is."""
    return replace(file, is_recorded=True, records=min(file.records + 1, 16))


def lacks_end(head: bytes, tail: bytes) -> bool:
    """
    Tell whether a text is a report that its server has not written to the end.

    Servers of the TrinityCore family write for seconds: first all stacks, then, below a banner, the same with local
    variables, and an empty line at the end. The stacks are what counts.
    """
    if b"Local Variables And Parameters" in head or b"Local Variables And Parameters" in tail:
        return False
    if b"--- DEBUG: --- START" in head:
        return b"--- DEBUG: --- STOP" not in tail[-_TAIL:]
    if b"Exception code:" not in head and not re.match(rb"\W{0,8}Revision:", head):
        return False
    lines = tail[-_TAIL:].replace(b"\r\n", b"\n")
    return not lines.endswith(b"\n\n")


def capture_of(path: str) -> str:
    """
    Return the name that the files of one crash share: the path without the suffix of a dump, text or log.

    Names as the servers of the TrinityCore family give them are spelled in one way, however they came here: GitHub
    and browsers replace ``+`` and brackets. ``core.1234`` stays whole, its number is no suffix.
    """
    folder, name = posixpath.split(path.replace("\\", "/"))
    stem = _KNOWN_SUFFIX.sub("", name) or name
    told = _SERVER_STEM.fullmatch(unquote(stem))
    if told:
        numbers = "-".join(_NOT_A_NUMBER.split(told["time"]))
        revision = (told["hash"] or "").rstrip("+.")
        stem = "_".join(part for part in (revision, told["program"], numbers) if part)
    return posixpath.join(folder, stem)


def has_own_time(path: str) -> bool:
    """Tell whether the name states the moment of the crash, so that no other crash has the same name."""
    stem = _KNOWN_SUFFIX.sub("", unquote(posixpath.basename(path.replace("\\", "/"))))
    return _SERVER_STEM.fullmatch(stem) is not None
