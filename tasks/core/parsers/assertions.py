"""
The texts of failed assertions, as servers, glibc and libstdc++ word them, and the arguments of the functions that fail.

The condition alone names a defect: formatted messages and debug output vary from crash to crash, so they are kept
apart; where a program ends itself without a condition, its message is all there is. Layouts: TrinityCore and
AzerothCore ``Errors.cpp``, mangos ``Log.h``, ACE ``Assert.cpp``, glibc ``assert.c``, libstdc++ ``assert_fail.cc``, and
the C runtime of Windows, described by their observed output.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tasks.core.crash import Frame
from tasks.core.parsers.literals import Literals

_WINDOW = 4096
_TRIES = 4
"""How often words that also stand in ordinary lines are looked at before they are given up."""

_TRINITY_MARKERS = (" ASSERTION FAILED:", " FATAL ERROR:", " ABORTED:", " ABORTED.", " ERROR:")
_BANNERS = (">> ASSERTION FAILED", ">> FATAL ERROR", ">> ABORTED", ">> ERROR")
_BANNER_FIELD = re.compile(
    r"^[ \t]*#?[ \t]*(Location|Function|Condition|Message):?[ \t]+('?)([^\n]{1,1000})", re.MULTILINE
)
_FIELDS = ("# Condition", "# Location", "Condition '", "Condition: ", "Location '", "Location: ")
SERVER_MARKERS = (
    " ASSERTION FAILED:",
    " FATAL ERROR:",
    " ABORTED:",
    " ABORTED.",
    *_BANNERS,
    "# Condition",
    ": Error: Assertion in ",
    " ERROR:\n",
    " assertion failed for '",
    "\nLocation: ",
)
"""Literals that stand in the assertions of the servers and of ACE."""

_WORDS = re.compile(r">> (ASSERTION FAILED|FATAL ERROR|ABORTED|ERROR)")
_HARMLESS = ">> WARNING"
_DEBUG_INFO = re.compile(
    r"(?:MapID|MapId|GUID|Guid|Name|AliveState|Transport|Spell|Aura|Id|ID|Entry)\b[^\n:]{0,40}: ?\S"
)
"""How the debug output of a server's object begins, where no formatted message stands before it."""

_FILE = r"(?P<file>(?:[A-Za-z]:|\.{0,2})[\\/][^\n:]{1,400}|[^\s:()]{1,200})"
_MANGOS = re.compile(
    _FILE + r":(?P<line>\d{1,7}): Error: Assertion in (?P<function>[^\n]{1,1000}?) failed: "
    r"(?P<condition>[^\n]{1,1000})"
)
_GLIBC = re.compile(
    r"(?:^|: |\s)" + _FILE + r":(?P<line>\d{1,7}): (?P<function>[^\n]{1,1000}): "
    r"Assertion [`'](?P<condition>[^\n]{1,1000})' failed",
    re.MULTILINE,
)
_ACE = re.compile(
    r"file (?P<file>[^\n]{1,400}?), line (?P<line>\d{1,7}),? assertion failed for '(?P<condition>[^\n]{1,1000}?)'\.?"
)
_CRT = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:()][^\n:()]{0,400}?)\((?P<line>\d{1,7})\) ?: "
    r"Assertion failed: (?P<condition>[^\n]{1,1000})"
)
_LOCATED = re.compile(
    r"Assertion [Ff]ailed: (?P<condition>[^\n]{1,1000})\n[ \t]*Location: (?P<file>[^\n()]{1,400})\((?P<line>\d{1,7})\)"
)
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ARGUMENT = re.compile(r"([A-Za-z_]\w*)=")
_CONDITIONS = ("message", "assertion", "__assertion", "condition", "__condition", "conditionName", "expr", "__expr")


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """What failed and where. ``detail`` is the formatted message behind the condition."""

    condition: str | None
    file: str | None = None
    line: int | None = None
    function: str | None = None
    detail: str | None = None

    @property
    def place(self) -> str | None:
        """``FILE:LINE``, as far as it is known."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file

    @property
    def site(self) -> str | None:
        """``FILE:LINE in FUNCTION``, as far as it is known."""
        return f"{self.place} in {self.function}" if self.place and self.function else self.place

    @property
    def is_freeze(self) -> bool:
        """True where a watchdog ended a program that did not answer: its place is the watchdog's."""
        said = f"{self.condition or ''} {self.detail or ''}"
        return " hangs for " in said and "forc" in said


def find(text: str) -> Assertion | None:
    """Return the first failed assertion that a text tells of; None if it tells of none."""
    if not _ANY.is_any_in(text):
        return None
    for marker, read in _FAMILIES:
        position = text.find(marker)
        for _ in range(_TRIES):
            if position < 0:
                break
            found = read(_window(text, position))
            if found:
                return found
            position = text.find(marker, position + 1)
    return None


def from_frame(frame: Frame) -> Assertion | None:
    """Read the assertion from the arguments of the function that reports it; None if they do not state it."""
    values = arguments(frame.arguments)
    strings = {name: _first_string(value) for name, value in values.items()}
    condition = next((strings[name] for name in _CONDITIONS if strings.get(name)), None)
    line = next((values[name] for name in ("line", "__line", "lineNumber") if name in values), "")
    found = Assertion(
        condition=condition,
        file=next((strings[name] for name in ("file", "__file", "fileName") if strings.get(name)), None),
        line=int(line) if line.isdecimal() else None,
        function=strings.get("function") or strings.get("__function") or strings.get("func"),
        detail=strings.get("format"),
    )
    return found if found.condition or found.file else None


def arguments(text: str) -> dict[str, str]:
    """Split gdb's ``name=value, name=name@entry=value`` into values by name; later duplicates lose."""
    values: dict[str, str] = {}
    for part in _split(text):
        match = _ARGUMENT.match(part)
        if match:
            value = part[match.end() :]
            values.setdefault(match[1], value.removeprefix(f"{match[1]}@entry="))
    return values


def unescape(text: str) -> str:
    """Undo gdb's C escapes (backslash, letter or three octal digits)."""
    letters = {"n": "\n", "t": "\t", "r": "\r"}

    def replace(match: re.Match[str]) -> str:
        word = match[1]
        return chr(int(word, 8)) if len(word) == 3 else letters.get(word, word)

    return _ESCAPE.sub(replace, text)


def _split(text: str) -> list[str]:
    """Cut at the commas that stand outside quotes and brackets."""
    parts: list[str] = []
    start = depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[(){}<>,]', text):
        mark = match[0]
        if mark in "({<":
            depth += 1
        elif mark in ")}>":
            depth = max(0, depth - 1)
        elif mark == "," and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    return [*parts, text[start:].strip()]


def _first_string(value: str) -> str | None:
    match = _STRING.search(value)
    return unescape(match[1]).strip() if match else None


def _window(text: str, position: int) -> str:
    """Cut out the surroundings; a message that gdb printed as a C string gets its line ends back."""
    start = max(0, position - _WINDOW)
    around = text[start : position + _WINDOW]
    line_end = text.find("\n", position)
    line = text[position : line_end if line_end >= 0 else len(text)][:_WINDOW]
    return unescape(around) if "\\n" in line else around


def _read_trinity(window: str) -> Assertion | None:
    """Read ``FILE:LINE in FUNCTION WORDS:`` and the lines below it: the condition, then the formatted message."""
    lines = window.split("\n")
    for number, line in enumerate(lines):
        marker = next((marker for marker in _TRINITY_MARKERS if marker in line), None)
        place, _, function = line.partition(marker)[0].rpartition(" in ") if marker else ("", "", "")
        file, _, line_number = place.rpartition(":")
        if file and line_number.isdecimal():
            below = [said for line in lines[number + 1 : number + 6] if (said := _clean(line))] + [None, None]
            word = (marker or "").strip(" :.")
            is_told = marker != " ABORTED." and below[0]
            return Assertion(
                condition=below[0] if is_told else word,
                file=file.rpartition('"')[2].lstrip("> \t").strip(),
                line=int(line_number[:9]),
                function=function.strip(),
                detail=_detail(below[1]) if is_told and marker == _TRINITY_MARKERS[0] else None,
            )
    return None


def _detail(text: str | None) -> str | None:
    """Return the formatted message; what varies with the object that failed, its owner's name in it, is none."""
    return None if text is None or _DEBUG_INFO.match(text) or text.startswith(("[0x", "#")) else text


def _read_banner(window: str) -> Assertion | None:
    fields: dict[str, str] = {}
    for name, quote, value in _BANNER_FIELD.findall(window):
        fields.setdefault(name, value.strip().removesuffix("'") if quote else value.strip())
    file, _, line = fields.get("Location", "").rpartition(":")
    word = _WORDS.search(window)
    if "Location" not in fields or (word is None and _HARMLESS in window):
        return None
    ended = fields.get("Message") or (word[1] if word else None)
    if "Condition" not in fields and (ended is None or "Function" not in fields):
        return None
    return Assertion(
        condition=fields.get("Condition") or ended,
        file=file or None,
        line=int(line) if line.isdecimal() else None,
        function=fields.get("Function"),
        detail=fields.get("Message") if "Condition" in fields else None,
    )


def _read_mangos(window: str) -> Assertion | None:
    return _plain(_MANGOS.search(window))


def _read_glibc(window: str) -> Assertion | None:
    return _plain(_GLIBC.search(window))


def _read_ace(window: str) -> Assertion | None:
    return _plain(_ACE.search(window))


def _read_crt(window: str) -> Assertion | None:
    return _plain(_CRT.search(window))


def _read_located(window: str) -> Assertion | None:
    """Read ``Assertion Failed: (CONDITION)`` with ``Location: FILE(LINE)`` below it, as Ascent's descendants do."""
    found = _plain(_LOCATED.search(window))
    condition = found.condition if found else None
    if found and condition and condition.startswith("(") and condition.endswith(")"):
        return replace(found, condition=condition[1:-1])
    return found


def _plain(match: re.Match[str] | None) -> Assertion | None:
    if match is None:
        return None
    function = match.groupdict().get("function")
    return Assertion(
        condition=match["condition"].strip(),
        file=match["file"].strip(),
        line=int(match["line"]),
        function=function.strip() if function else None,
    )


def _clean(text: str) -> str | None:
    """Strip a line; a quote that nothing opened is the end of the string in which gdb printed it."""
    text = text.strip()
    return (text.rstrip('"').strip() if text.count('"') % 2 else text) or None


_FAMILIES: tuple[tuple[str, Callable[[str], Assertion | None]], ...] = (
    *((marker, _read_banner) for marker in _BANNERS),
    *((marker, _read_banner) for marker in _FIELDS),
    *((marker, _read_trinity) for marker in _TRINITY_MARKERS),
    (": Error: Assertion in ", _read_mangos),
    (" assertion failed for '", _read_ace),
    (": Assertion failed: ", _read_crt),
    ("\nLocation: ", _read_located),
    ("Assertion `", _read_glibc),
    ("Assertion '", _read_glibc),
)
_ANY = Literals(marker for marker, _ in _FAMILIES)
