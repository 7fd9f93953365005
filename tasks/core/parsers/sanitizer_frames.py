"""
The grammar of one frame as the sanitizers, libFuzzer, Chromium and Android print it.

``#N 0xADDRESS in FUNCTION FILE:LINE:COLUMN (MODULE+0xOFFSET) (BuildId: HEX)``, of which every part but the number can
be missing; ``#N 0xADDRESS FUNCTION [FILE:LINE:COLUMN]`` from Chromium; ``#NN pc OFFSET MODULE (FUNCTION+12)`` from
Android's debuggerd; ``#N.M`` and ``<MODULE>+0xOFFSET`` from Fuchsia. Functions hold spaces, brackets and paths of
lambdas, so the line is read from its right end. Layouts: LLVM's ``sanitizer_stacktrace_printer.cpp``, Android's
``libunwindstack``, by their output.
"""

import itertools
import re
from typing import NamedTuple

from tasks.core.crash import Frame, frame_of

LINE_LIMIT = 12 * 1024
"""Bytes of a line that are read; from longer ones the head and the tail count."""

_HEAD = 8 * 1024
_PREFIX_LIMIT = 200
_NAME_LIMIT = 4096
_PLACES_LIMIT = 16
_EXPORT_LIMIT = 0x1000
"""Displacements above this say that the nearest export was named, not the function that holds the address."""

_START = re.compile(r"#(\d{1,7})(?:\.(\d{1,3}))?:?[ \t]{1,12}(?:(0x[0-9a-fA-F]{1,16})(?=\s|$)|(?=\S))")
_SIMPLE = re.compile(
    r"[ \t]{0,16}#([0-9]{1,7}) 0x([0-9a-fA-F]{1,16}) in "
    r"([!-'*,-;=-~][ -'*,-~]{0,1000}\([ -'*-~]{0,1000}\)(?: const)?|[!-'*,-;=-~][!-'*,-~]{0,1000})"
    r" ((?:[A-Za-z]:)?[!-'*-9;-~]{1,1000}+):([0-9]{1,9})(?::[0-9]{1,9})?\s*"
)
_SIMPLE_ANDROID = re.compile(
    r"[ \t]{0,16}#([0-9]{1,7}) pc ([0-9a-f]{6,16})  ?([!-'*-;=-~][!-'*-~]{0,1000}+)"
    r" \(([A-Z_a-z~][ -'*,-~]{0,1000}(?:\([ -'*,-~]{0,1000}\)(?: const)?)?)\+[0-9]{1,12}\)\s*"
)
"""Most lines, in ASCII and without templates' brackets. Sets without classes are matched several times faster."""

_BUILD_ID = re.compile(r"\s{0,8}\(BuildId: ([0-9a-fA-F]{4,64})\)$")
_BRACKETED_MODULE = re.compile(r"<(<?[^<>]{1,400}>?)>\+0x([0-9a-fA-F]{1,16})$")
_OFFSET = re.compile(r"\+0x([0-9a-fA-F]{1,16})$")
_LINE = re.compile(r":(\d{1,9})(?::\d{1,9})?$")
_BRACKETED_PLACE = re.compile(r" \[([^\[\]\s]{1,1000}?):(\d{1,9})(?::\d{1,9})?\]$")
_ABSOLUTE = re.compile(r" (?=/|[A-Za-z]:[\\/])")
_SOURCE = re.compile(r"\.(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inc|inl|ipp|tcc|S|s|asm|m|mm)$")
_NO_FILE = re.compile(r"(?: \?\?(?::(?:\?|0))*| <null>| _[a-z]san_rtl_)$")
_NO_NAME = re.compile(r"\(?<(?:null|unknown(?: module)?)>\)?|\?\?|<?unavailable>?")
_LIBRARY = re.compile(r"[\w.+-]{1,200}\.(?:so(?:\.\d+)*|dll|dylib)")
_ARCHITECTURE = re.compile(r":(?:x86_64h?|i386|arm\w{0,6})$")
_ANDROID = re.compile(r"pc (?:0x)?([0-9a-fA-F]{6,16})\s{1,8}(\S[^\n]*)")
_ANDROID_SYMBOL = re.compile(r" \((?!offset |BuildId: )(.{1,4096}?)(?:\+(\d{1,12}))?\)$")
_ANDROID_OFFSET = re.compile(r" \(offset 0x[0-9a-fA-F]{1,16}\)$")


class FrameLine(NamedTuple):
    """A frame, the number that its line states, and the build id of its module."""

    number: int
    frame: Frame
    build_id: str | None = None


def read(raw: bytes) -> FrameLine | None:
    """Read a line, whatever a logger put before the ``#``; None where the line is no frame."""
    text = decode(raw if len(raw) <= LINE_LIMIT else raw[:_HEAD] + raw[_HEAD - LINE_LIMIT :])
    simple = _simple(text)
    if simple:
        return simple
    position = text.find("#", 0, _PREFIX_LIMIT)
    if position < 0 or (position and not text[position - 1].isspace()):
        return None
    start = _START.match(text, position)
    if start is None:
        return None
    number, inlined, address = start.groups()
    rest = text[start.end() :].strip()
    android = None if address else _ANDROID.match(rest)
    if android:
        return _android(int(number), android[1], android[2])
    if address and (rest == "in" or rest.startswith("in ")):
        rest = rest[3:].lstrip()
    elif not address and not _is_placed(rest):
        return None
    return _read_rest(int(number), rest, address=address, is_inlined=inlined is not None)


def _simple(text: str) -> FrameLine | None:
    placed = _SIMPLE.fullmatch(text)
    if placed:
        number, address, name, file, line = placed.groups()
        index = int(number)
        values = (index, name, file, int(line) or None, None, None, int(address, 16), False, "")
        return FrameLine(index, frame_of(values))
    android = _SIMPLE_ANDROID.fullmatch(text)
    if android:
        number, offset, module, name = android.groups()
        index = int(number)
        return FrameLine(index, frame_of((index, name, None, None, module, int(offset, 16), None, False, "")))
    return None


def decode(raw: bytes) -> str:
    """Decode one line: UTF-8, else the Western code page in which most of the rest is written."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _is_placed(rest: str) -> bool:
    """Without an address (ThreadSanitizer), only a place tells a frame from a line of libFuzzer's progress."""
    rest = _BUILD_ID.sub("", rest)
    return bool(_LINE.search(rest) or (rest.endswith(")") and "+0x" in rest) or rest.endswith("<null>"))


def _read_rest(number: int, rest: str, *, address: str | None, is_inlined: bool) -> FrameLine:
    build = _BUILD_ID.search(rest)
    rest, module, offset = _cut_module(rest[: build.start()] if build else rest)
    name, file, line = _cut_file(rest)
    displaced = _OFFSET.search(name)
    if displaced:
        is_export = int(displaced[1], 16) > _EXPORT_LIMIT and offset is not None
        name = "" if is_export else name[: displaced.start()]
    if _LIBRARY.fullmatch(name):
        module, name = module or name, ""
    frame = Frame(
        index=number,
        function=None if _NO_NAME.fullmatch(name) else name[:_NAME_LIMIT] or None,
        file=file,
        line=line,
        module=module,
        offset=offset,
        address=int(address, 16) if address else None,
        is_inlined=is_inlined,
    )
    return FrameLine(number=number, frame=frame, build_id=build[1] if build else None)


def _cut_module(rest: str) -> tuple[str, str | None, int | None]:
    bracketed = _BRACKETED_MODULE.search(rest)
    if bracketed:
        return rest[: bracketed.start()].rstrip(), bracketed[1].strip("<>"), int(bracketed[2], 16)
    if not rest.endswith(")"):
        return rest, None, None
    if rest.endswith("(<unknown module>)"):
        return rest[: -len("(<unknown module>)")].rstrip(), None, None
    opening = rest.rfind("(", 0, len(rest) - 1)
    for _ in range(4):
        inside = rest[opening + 1 : -1] if opening >= 0 else ""
        offset = _OFFSET.search(inside)
        if offset and inside.count("(") == inside.count(")"):
            module = _ARCHITECTURE.sub("", inside[: offset.start()])
            return rest[:opening].rstrip(), module or None, int(offset[1], 16)
        opening = rest.rfind("(", 0, max(0, opening))
    return rest, None, None


def _cut_file(rest: str) -> tuple[str, str | None, int | None]:
    """Split ``FUNCTION FILE:LINE:COLUMN``; a path can hold spaces if it begins at a root."""
    nothing = _NO_FILE.search(rest)
    if nothing:
        return rest[: nothing.start()].rstrip(), None, None
    bracketed = _BRACKETED_PLACE.search(rest[-1100:]) if rest.endswith("]") else None
    if bracketed:
        return rest[: -len(bracketed[0])].rstrip(), bracketed[1], int(bracketed[2]) or None
    place = _LINE.search(rest)
    end = place.start() if place else len(rest)
    line = int(place[1]) or None if place else None
    for start in itertools.islice(_ABSOLUTE.finditer(rest, 0, end), _PLACES_LIMIT):
        name = rest[: start.start()]
        if name.count("(") == name.count(")"):
            return name.rstrip(), rest[start.end() : end], line
    cut = rest.rfind(" ", 0, end)
    if cut > 0 and (place or _SOURCE.search(rest)):
        return rest[:cut].rstrip(), rest[cut + 1 : end], line
    return rest, None, None


def _android(number: int, offset: str, rest: str) -> FrameLine:
    rest = rest.rstrip()
    build = _BUILD_ID.search(rest)
    rest = rest[: build.start()] if build else rest
    symbol = _ANDROID_SYMBOL.search(rest)
    module = _ANDROID_OFFSET.sub("", rest[: symbol.start()] if symbol else rest).strip()
    frame = Frame(
        index=number,
        function=symbol[1] if symbol else None,
        module=module if not module.startswith("<") else None,
        offset=int(offset, 16),
    )
    return FrameLine(number=number, frame=frame, build_id=build[1] if build else None)
