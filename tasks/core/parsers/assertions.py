"""
The texts of failed assertions, as servers, glibc and libstdc++ word them, and the arguments of the functions that fail.

The condition alone names a defect: formatted messages and debug output vary from crash to crash, so they are kept
apart. Layouts: TrinityCore and AzerothCore ``Errors.cpp``, mangos ``Log.h``, glibc ``assert.c``, libstdc++
``assert_fail.cc``, described by their observed output.
"""

import re
from dataclasses import dataclass

from tasks.core.crash import Frame

_WINDOW = 4096
_TRINITY_MARKERS = (" ASSERTION FAILED:", " FATAL ERROR:", " ABORTED:")
_BANNER_FIELD = re.compile(r"^#? ?(Location|Function|Condition|Message):?[ \t]+('?)([^\n]{1,1000})", re.MULTILINE)
_MANGOS = re.compile(
    r"(?P<file>[^\s:][^\n:]{0,400}):(?P<line>\d{1,7}): Error: Assertion in (?P<function>[^\n]{1,1000}?) failed: "
    r"(?P<condition>[^\n]{1,1000})"
)
_GLIBC = re.compile(
    r"(?:^|: |\s)(?P<file>[^\s:][^\n:]{0,400}):(?P<line>\d{1,7}): (?P<function>[^\n]{1,1000}): "
    r"Assertion [`'](?P<condition>[^\n]{1,1000})' failed",
    re.MULTILINE,
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
    def site(self) -> str | None:
        """``FILE:LINE in FUNCTION``, as far as it is known."""
        if self.file is None:
            return None
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place} in {self.function}" if self.function else place


def find(text: str) -> Assertion | None:
    """Return the first failed assertion that a text tells of; None if it tells of none."""
    for marker, read in (
        (">> ASSERTION FAILED", _read_banner),
        ("# Condition", _read_banner),
        *((marker, _read_trinity) for marker in _TRINITY_MARKERS),
        (": Error: Assertion in ", _read_mangos),
        ("Assertion `", _read_glibc),
        ("Assertion '", _read_glibc),
    ):
        position = text.find(marker)
        found = read(_window(text, position)) if position >= 0 else None
        if found:
            return found
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
            below = [_clean(line) for line in lines[number + 1 : number + 3]] + [None, None]
            return Assertion(
                condition=below[0],
                file=file.rpartition('"')[2].strip(),
                line=int(line_number[:9]),
                function=function.strip(),
                detail=below[1],
            )
    return None


def _read_banner(window: str) -> Assertion | None:
    fields: dict[str, str] = {}
    for name, quote, value in _BANNER_FIELD.findall(window):
        fields.setdefault(name, value.strip().removesuffix("'") if quote else value.strip())
    file, _, line = fields.get("Location", "").rpartition(":")
    if "Condition" not in fields:
        return None
    return Assertion(
        condition=fields["Condition"],
        file=file or None,
        line=int(line) if line.isdecimal() else None,
        function=fields.get("Function"),
        detail=fields.get("Message"),
    )


def _read_mangos(window: str) -> Assertion | None:
    return _plain(_MANGOS.search(window))


def _read_glibc(window: str) -> Assertion | None:
    return _plain(_GLIBC.search(window))


def _plain(match: re.Match[str] | None) -> Assertion | None:
    if match is None:
        return None
    return Assertion(
        condition=match["condition"].strip(),
        file=match["file"].strip(),
        line=int(match["line"]),
        function=match["function"].strip(),
    )


def _clean(text: str) -> str | None:
    return text.strip().rstrip('"').strip() or None
