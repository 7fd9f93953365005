"""
The grammar of one line of a stack in a Wheaty report: two addresses, then a symbol or a place in a module.

``PC  FRAME  SYMBOL+HEX[  PATH line N]`` or ``PC  FRAME  SECTION:OFFSET MODULE``; on 32 bits the addresses have eight
digits and the second is always zero. Names hold spaces, commas and plus signs, so a symbol ends at the last ``+HEX``.
"""

import itertools
import re
from collections.abc import Callable
from typing import NamedTuple

from tasks.core.crash import Frame
from tasks.core.parsers import literals

_SIGN = re.compile(
    rb"^(?:[0-9A-F]{16}  [0-9A-F]{16}|[0-9A-F]{8}  [0-9A-F]{8})  ([^\s0-9+][^\n]{0,2000}|[0-9A-F]{4}:[0-9A-F]{8})",
    re.MULTILINE,
)
_SIGNS_LIMIT = 100
_COLUMNS_SIGN = literals.compiled(rb"(?m)^[0-9A-F]{8}(?:[0-9A-F]{8})?  [0-9A-F]{8}(?:[0-9A-F]{8})?  [^\s+]")
"""The columns alone, which is found ten times faster."""

_COLUMNS = re.compile(r"([0-9A-F]{8,16})[ \t]{1,8}([0-9A-F]{8,16})[ \t]{1,8}(?=\S)")
_IN_MODULE = re.compile(r"([0-9A-F]{4,8}):([0-9A-F]{8,16})(?:[ \t]+(\S.*))?$")
_HEX = re.compile(r"[0-9A-F]{1,16}")
_PLAIN = re.compile(
    r"([A-Za-z_][0-9A-Za-z_:~]{0,1000}+)\+([0-9A-F]{1,16})  ([!-*,-~][ -*,-~]{0,1000}) line ([0-9]{1,9})"
)
"""Most places: ASCII, and a name without templates."""

_PLAIN_ROW = re.compile(
    rb"([0-9A-F]{8,16})  [0-9A-F]{8,16}  "
    rb"([A-Za-z_][0-9A-Za-z_:~]{0,1000}+)\+([0-9A-F]{1,16})  ([!-*,-~][ -*,-~]{0,1000}) line ([0-9]{1,9})\r?\n"
)
"""Most lines of a stack, with such a place."""

_NAME = re.compile(r"[A-Za-z_?~`<(][\w:~<>*&,$@?`'() =!+/|^%\[\]-]{0,4095}")
_WIDE_CUT = re.compile(r"\+([0-9A-F]{1,16})  +(?=\S)")
_CUT = re.compile(r"\+([0-9A-F]{1,16}) +(?=[A-Za-z]:[\\/]|[\\/.])")
_DECORATED = re.compile(r"\?(\?[01])?(\w{1,500}(?:@\w{1,500}){0,20})@@")

_NAME_LIMIT = 4096
_CODE_SECTION = 0x1000
_ALIGNMENT = 0x10000


class Place(NamedTuple):
    """
    What stands behind the two addresses.

    ``displacement`` counts bytes from the start of the function; ``is_export`` says that the name is not from the
    program's symbols but one that a library exports: C++ names stand undecorated in symbols only.
    """

    function: str | None = None
    displacement: int = 0
    section: int | None = None
    offset: int | None = None
    module: str | None = None
    file: str | None = None
    line: int | None = None
    is_export: bool = False


class Row(NamedTuple):
    """One line of a stack: the address of the code, and where that is."""

    address: int
    place: Place


def has_row(text: bytes) -> bool:
    """Tell whether one of the first lines that look like a stack's is in the layout that no other tool writes."""
    if not _COLUMNS_SIGN.search(text):
        return False
    for found in itertools.islice(_SIGN.finditer(text), _SIGNS_LIMIT):
        place = read_place(found[1].decode("utf-8", errors="replace").strip())
        if found[1][4:5] == b":" or (place and (place.displacement or place.line)):
            return True
    return False


def read(text: str, place_of: Callable[[str], "Place | None"]) -> Row | None:
    """
    Read a line without its indentation; None for a line that is none of a stack.

    ``place_of`` is ``read_place``, or keeps what that returned.
    """
    columns = _COLUMNS.match(text)
    if columns is None:
        return None
    place = place_of(text[columns.end() :])
    return Row(int(columns[1], 16), place) if place else None


def read_plain(content: bytes, position: int) -> tuple[Row, int] | None:
    """Read the line at a position if it is as most are; return it with the position of the next line."""
    plain = _PLAIN_ROW.match(content, position)
    if plain is None:
        return None
    address, name, digits, path, number = plain.groups()
    place = Place(name.decode(), int(digits, 16), None, None, None, path.decode().strip(), int(number))
    return Row(int(address, 16), place), plain.end()


def read_place(text: str) -> Place | None:
    """Read what follows the addresses; None where it is neither a symbol nor a place in a module."""
    plain = _PLAIN.fullmatch(text)
    if plain:
        name, digits, path, line_number = plain.groups()
        return Place(name, int(digits, 16), None, None, None, path.strip(), int(line_number))
    in_module = _IN_MODULE.match(text)
    if in_module:
        return place_in_module(*in_module.groups())
    before, word, number = text.rpartition(" line ")
    has_line = bool(word) and number.isdecimal() and len(number) < 10
    body = before if has_line else text
    name, plus, digits = body.rpartition("+")
    if not has_line and plus and name and _HEX.fullmatch(digits):
        is_export = "::" not in name
        return Place(function=undecorated(name), displacement=int(digits, 16), is_export=is_export)
    cut = _last(_WIDE_CUT, body) or _last(_CUT, body)
    if cut and cut.start():
        function, displacement = undecorated(body[: cut.start()]), int(cut[1], 16)
        file, line = body[cut.end() :].strip(), int(number) if has_line else None
        return Place(function=function, displacement=displacement, file=file, line=line)
    return Place(function=undecorated(text)) if _NAME.fullmatch(text[:_NAME_LIMIT]) else None


def place_in_module(section: str, offset: str, module: str | None) -> Place:
    """Read ``SECTION:OFFSET MODULE``; where the writer found no module the rest is memory that nobody initialised."""
    if len(section) > 4 or (int(section, 16) == 0 and int(offset, 16) == 0):
        return Place()
    return Place(section=int(section, 16), offset=int(offset, 16), module=module.strip() if module else None)


def undecorated(name: str) -> str:
    """Turn an exported name as MSVC decorates it (``?_Xbad@std@@YAXXZ``) into a C++ name; others stay."""
    name = name[:_NAME_LIMIT].strip()
    match = _DECORATED.match(name) if name.startswith("?") else None
    if match is None:
        return name
    scopes = match[2].split("@")[::-1]
    special = {"?0": scopes[-1], "?1": f"~{scopes[-1]}"}.get(match[1] or "")
    return "::".join([*scopes, special] if special else scopes)


def frame(index: int, row: Row) -> Frame:
    """Turn a line into a frame of a crash."""
    place = row.place
    offset = None if place.offset is None else offset_in_module(row)
    return Frame(index, place.function, place.file, place.line, place.module, offset, row.address)


def offset_in_module(row: Row) -> int | None:
    """
    Count from the start of the module, where the report counts from the start of the section.

    Code is the first section, which linkers put at 0x1000; that this holds is seen by the start of the module, which
    Windows aligns to 64 KiB. Where it does not hold the count from the section is all that is known.
    """
    offset = row.place.offset
    if offset is None or row.place.section != 1:
        return offset
    start = row.address - offset - _CODE_SECTION
    return offset + _CODE_SECTION if start > 0 and start % _ALIGNMENT == 0 else offset


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for match in pattern.finditer(text):
        last = match
    return last
