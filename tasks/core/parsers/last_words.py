"""
What a program said before it ended itself: failed checks and assertions of all families, uncaught exceptions, limits.

The words stand before the report of the crash, sometimes hundreds of lines before it, so each family has a literal by
which it is found; the last words count. Servers' and glibc's own assertions are read by ``assertions``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tasks.core.crash import Kind
from tasks.core.parsers import assertions
from tasks.core.parsers.literals import Literals

_WINDOW = 4096
_LINE_LIMIT = 1000
_CHROMIUM_SITE = re.compile(r":(?:FATAL|DCHECK|ERROR|WARNING):(?:.*/)?([^()\s:]{1,200})(?:\((\d{1,7})\)|:(\d{1,7}))\]")
_GLOG_SITE = re.compile(r"(?:^|\s)(?:.*/)?([^()\s:\]]{1,200}):(\d{1,7})\]")
_V8_SITE = re.compile(r"# Fatal error in (\S.{0,400}?), line (\d{1,7})\s*$")
_PLACE_BEFORE = re.compile(r"([^\s:()][^\n:()]{0,400}?)(?::(\d{1,7})|\((\d{1,7})\)) ?:? ?$")
_PLACE_BEHIND = re.compile(
    r", (?:function:? (?P<function>.{1,400}), )?file:? (?P<file>.{1,400}?), line:? (?P<line>\d{1,7})\.?$"
)
_PLACE_IN_BRACKETS = re.compile(r" \((?P<file>[^():]{1,400}): (?P<function>[^:]{1,400}): (?P<line>\d{1,7})\)$")
_WTF_PLACE = re.compile(r"\s*(\S[^\n]{0,400}?)\((\d{1,7})\) : ([^\n]{1,1000})")
_QUOTED = re.compile(r"assertion [\"“`'](.{1,1000}?)[\"”'] failed")
_FAILED = re.compile(r"assertion (.{1,1000}?) failed(?:: (.{0,400}))?$")
_TRAP = re.compile(
    r"TRAP: (?:FailedAssertion|failed Assert)\(\"(.{1,1000}?)\"\)?, File: \"([^\"]{1,400})\", Line: (\d{1,7})"
)
_QT = re.compile(r"ASSERT(?: failure in .{1,200}?)?: \"(.{1,1000}?)\",? (?:in )?file (.{1,400}?), line (\d{1,7})")
_CHECK_MACRO = re.compile(r"\b(?:D?CHECK(?:_\w{1,12})?|check)\((.{1,1000}?)\)(?: failed|\s*$)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class LastWords:
    """What was said: ``message`` names the condition or the exception, ``detail`` what varies, ``file:line`` where."""

    kind: Kind
    message: str | None = None
    file: str | None = None
    line: int | None = None
    function: str | None = None
    detail: str | None = None

    @property
    def site(self) -> str | None:
        """``FILE:LINE``, as far as it was said."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what the message leaves out."""
        site = f"{self.site} in {self.function}" if self.site and self.function else self.site
        said = (
            f"The assertion stands at {site}." if site else None,
            f"It says: {self.detail}" if self.detail else None,
        )
        return tuple(sentence for sentence in said if sentence)


@lru_cache(maxsize=1)
def find(text: str) -> LastWords | None:
    """Return the last words of a kind that crashflow knows; None where the text holds none. Linear in the text."""
    if not _ANY.is_any_in(text):
        return None
    found = sorted(((text.rfind(marker), rank) for rank, (marker, _) in enumerate(_FAMILIES)), reverse=True)
    for position, rank in found:
        if position < 0:
            return None
        said = _FAMILIES[rank][1](text, position)
        if said:
            return said
    return None


def _line_at(text: str, position: int) -> tuple[str, str]:
    """Return the line before the position and behind it, each cut at a limit."""
    start = max(text.rfind("\n", 0, position) + 1, position - _LINE_LIMIT)
    end = text.find("\n", position, position + _LINE_LIMIT)
    return text[start:position], text[position : end if end >= 0 else position + _LINE_LIMIT].rstrip()


def _line_above(text: str, position: int) -> str:
    start = text.rfind("\n", 0, position)
    return _line_at(text, start - 1)[0] + text[start - 1 : start] if start > 0 else ""


def _check(text: str, position: int) -> LastWords | None:
    """Read ``Check failed: CONDITION (VALUE vs. VALUE)`` of Chromium, V8 and glog."""
    before, line = _line_at(text, position)
    condition = _without_values(line.partition("ailed: ")[2])
    if "Torque assert '" in condition:
        condition = condition.partition("Torque assert '")[2].partition("' failed")[0]
    detail = None
    if _CHROMIUM_SITE.search(before[-_LINE_LIMIT:]):
        condition, _, detail = condition.partition(". ")
    file, number = _site(before) or _site(_line_above(text, position)) or (None, None)
    if file is None and before.endswith("c"):
        return None
    return LastWords(kind="assertion", message=condition or None, file=file, line=number, detail=detail or None)


def _without_values(condition: str) -> str:
    """Cut off ``(VALUE vs. VALUE)``, whose values can hold brackets or go on in the next line."""
    condition = condition.strip().rstrip("'").removesuffix(".")
    between = condition.rfind(" vs. ")
    depth = 0
    for position in range((between if between >= 0 else len(condition)) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(condition[position], 0)
        if depth < 0:
            return condition[:position].rstrip()
    return condition


def _site(text: str) -> tuple[str, int] | None:
    for pattern in (_CHROMIUM_SITE, _V8_SITE, _GLOG_SITE):
        match = pattern.search(text[-_LINE_LIMIT:])
        if match:
            return match[1], int(next(number for number in match.groups()[1:] if number))
    return None


def _chromium_fatal(text: str, position: int) -> LastWords | None:
    before, line = _line_at(text, position)
    said = line.partition("] ")[2].strip()
    file, number = _site(before + line) or (None, None)
    macro = _CHECK_MACRO.search(said)
    message = macro[1] if macro else said.rpartition("ailed: ")[2]
    return (
        LastWords(kind="assertion", message=_without_values(message) or None, file=file, line=number) if file else None
    )


def _v8_fatal(text: str, position: int) -> LastWords | None:
    """Read ``# Fatal error in FILE, line N`` and the line below it."""
    _, line = _line_at(text, position)
    _, below = _line_at(text, min(len(text), position + len(line) + 1))
    said = below.strip("# \r")
    if "out of memory" in said or "out of memory" in line:
        return LastWords(kind="out_of_memory", message=said or line.strip("# "))
    file, number = _site(line) or (None, None)
    message = _without_values(said) if below.startswith("#") else None
    return LastWords(kind="assertion", message=message or None, file=file, line=number) if message or file else None


def _wtf(text: str, position: int) -> LastWords | None:
    _, line = _line_at(text, position)
    condition = line.partition("FAILED:")[2].strip()
    place = _WTF_PLACE.match(text, min(len(text), position + len(line)))
    if not condition:
        return None
    if not place:
        return LastWords(kind="assertion", message=condition)
    return LastWords(kind="assertion", message=condition, file=place[1], line=int(place[2]), function=place[3])


def _server(text: str, position: int) -> LastWords | None:
    """Leave the families that ``assertions`` knows to it."""
    start = text.rfind("\n", 0, max(0, position)) + 1
    failed = assertions.find(text[max(start, position - _LINE_LIMIT) : position + _WINDOW])
    if failed is None:
        return None
    return LastWords(
        kind="deadlock" if failed.is_freeze else "assertion",
        message=failed.condition,
        file=failed.file,
        line=failed.line,
        function=failed.function,
        detail=failed.detail,
    )


def _frozen(text: str, position: int) -> LastWords | None:
    """Read the line of a watchdog that ends the process."""
    before, line = _line_at(text, position)
    if "forcing a crash" not in line:
        return None
    message = before[-100:].rpartition("] ")[2] + line
    return LastWords(kind="deadlock", message=message.strip())


def _glibc(text: str, position: int) -> LastWords | None:
    """Read glibc's line, also where a log lost its closing quote."""
    found = _server(text, position)
    if found:
        return found
    _, line = _line_at(text, position)
    condition = line.partition("Assertion ")[2].lstrip("`'").rpartition(" failed")[0].rstrip("'")
    return LastWords(kind="assertion", message=condition) if condition else None


def _failed(text: str, position: int) -> LastWords | None:
    """Read ``Assertion failed: CONDITION`` with its place behind (BSD, macOS, musl, MSVC) or before."""
    before, line = _line_at(text, position)
    condition = line.partition(":")[2].strip()
    place = _PLACE_BEHIND.search(condition) or _PLACE_IN_BRACKETS.search(condition)
    if place:
        condition = condition[: place.start()]
    if condition.startswith("(") and condition.endswith(")"):
        condition = condition[1:-1]
    message = condition or None
    if place:
        function = place["function"]
        return LastWords(
            kind="assertion", message=message, file=place["file"], line=int(place["line"]), function=function
        )
    ahead = _PLACE_BEFORE.search(before[-500:].strip())
    if ahead:
        return LastWords(kind="assertion", message=message, file=ahead[1], line=int(ahead[2] or ahead[3]))
    return LastWords(kind="assertion", message=message)


def _hardened(text: str, position: int) -> LastWords | None:
    """Read ``FILE:LINE: assertion CONDITION failed: WORDS`` (libc++) and ``assertion "CONDITION" failed`` (bionic)."""
    before, line = _line_at(text, position)
    match = _QUOTED.match(line) or _FAILED.match(line)
    place = _PLACE_BEFORE.search(before[-500:].rstrip(" :"))
    if match is None:
        return None
    return LastWords(
        kind="assertion",
        message=match[1],
        file=place[1] if place else None,
        line=int(place[2] or place[3]) if place else None,
        detail=match[2] if match.lastindex == 2 else None,
    )


def _check_macro(text: str, position: int) -> LastWords | None:
    before, line = _line_at(text, position)
    match = _CHECK_MACRO.match(line)
    place = _PLACE_BEFORE.search(before[-500:].rstrip())
    if match is None:
        return None
    number = int(place[2] or place[3]) if place else None
    return LastWords(kind="assertion", message=match[1], file=place[1] if place else None, line=number)


def _trap(text: str, position: int) -> LastWords | None:
    """Read PostgreSQL's ``TRAP: failed Assert("CONDITION"), File: "FILE", Line: N``."""
    _, line = _line_at(text, position)
    match = _TRAP.match(line)
    return LastWords(kind="assertion", message=match[1], file=match[2], line=int(match[3])) if match else None


def _qt(text: str, position: int) -> LastWords | None:
    """Read Qt's ``ASSERT: "CONDITION" in file FILE, line N``."""
    _, line = _line_at(text, position)
    match = _QT.match(line)
    return LastWords(kind="assertion", message=match[1], file=match[2], line=int(match[3])) if match else None


def _glibc_error(text: str, position: int) -> LastWords | None:
    """Read ``*** Error in `PROGRAM': WORDS: 0xADDRESS ***`` of older glibc."""
    _, line = _line_at(text, position)
    message = line.partition("': ")[2].removesuffix("***").strip().partition(": 0x")[0]
    return LastWords(kind="abort", message=message) if message else None


def _said(kind: Kind, separator: str) -> Callable[[str, int], LastWords | None]:
    """Make a reader that takes the rest of the line as the message."""

    def read(text: str, position: int) -> LastWords | None:
        before, line = _line_at(text, position)
        message = line.partition(separator)[2].strip(" '=") if separator else line.strip(" '=")
        file, number = _site(before) or (None, None)
        return LastWords(kind=kind, message=message or None, file=file, line=number)

    return read


def _panicked(text: str, position: int) -> LastWords | None:
    _, line = _line_at(text, position)
    message, _, place = line.partition("panicked at ")[2].strip().rpartition("', ")
    file, _, number = place.partition(":")
    digits = number.partition(":")[0]
    return LastWords(
        kind="assertion",
        message=message.lstrip("'") or place or None,
        file=file if message else None,
        line=int(digits) if message and digits.isdecimal() and len(digits) < 8 else None,
    )


_FAMILIES: tuple[tuple[str, Callable[[str, int], LastWords | None]], ...] = (
    ("heck failed: ", _check),
    ("CHECK failed: ", _check),
    ("CHECK failed!", _said("assertion", "")),
    (":FATAL:", _chromium_fatal),
    ("# Fatal error", _v8_fatal),
    ("# Fatal process out of memory", _v8_fatal),
    *((marker, _server) for marker in assertions.SERVER_MARKERS),
    (" hangs for ", _frozen),
    ("ASSERTION FAILED: ", _wtf),
    ("Assertion `", _glibc),
    ("Assertion '", _glibc),
    ("Assertion failed: ", _failed),
    ("assertion failed: ", _failed),
    ("assertion ", _hardened),
    ("CHECK(", _check_macro),
    ("CHECK_", _check_macro),
    ("TRAP: ", _trap),
    ("ASSERT: ", _qt),
    ("ASSERT failure in ", _qt),
    ("*** Error in `", _glibc_error),
    ("assert failure: ", _said("assertion", ": ")),
    ("panic: ", _said("assertion", "panic: ")),
    ("panicked at ", _panicked),
    ("uncaught exception of type ", _said("cpp_exception", "of type ")),
    ("Stack limit exceeded", _said("stack_overflow", "")),
    ("========= Timeout of ", _said("deadlock", "")),
    ("er-input timeout exceeded: ", _said("deadlock", "")),
    ("er-batch timeout exceeded: ", _said("deadlock", "")),
    ("RSS limit exceeded", _said("out_of_memory", "")),
    ("Allocation failed - ", _said("out_of_memory", "")),
    ("stack smashing detected", _said("abort", "")),
    ("buffer overflow detected", _said("abort", "")),
    ("FORTIFY: ", _said("abort", "")),
)

MARKERS = tuple(marker for marker, _ in _FAMILIES)
"""The literals by which the families are found."""
_ANY = Literals(MARKERS)
