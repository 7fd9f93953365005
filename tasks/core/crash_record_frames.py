"""
The frames of a crash record: lines such as ``Map::Update @ Map.cpp:845``, or objects with a name for each part.

The scripts cut names at what their expressions did not expect. Of templates and lambdas remains like ``> >::end`` are
left, which name nothing; of ``ns::Account::~Account`` the last word, which its neighbours help to complete.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.core.crash import Frame

FRAMES_LIMIT = 1000
_LINE_LIMIT = 4096
_NUMBER = re.compile(r"\s{0,8}(?:#?\d{1,4}[.:)]\s+|#\d{1,4}\s+)?")
_COLUMNS = re.compile(r"(?:0x)?[0-9A-Fa-f]{8,16}\s+(?:[0-9A-Fa-f]{8,16}\s+|in\s+)")
_INLINE = re.compile(r"\[inline\]\s*", re.IGNORECASE)
_HEADING = re.compile(r"Address\s+Frame\b|Call stack:")
_PLACES = (
    re.compile(r" @ (?P<file>[^@\n]{1,400}?):(?P<line>\d{1,9})$"),
    re.compile(r" \((?P<file>[^()\n]{1,400}?):(?P<line>\d{1,9})\)$"),
    re.compile(r" at (?P<file>[^\n]{1,400}?):(?P<line>\d{1,9})$"),
    re.compile(r" \[(?P<file>[^\[\]\n]{1,400}?) @ (?P<line>\d{1,9})\]$"),
    re.compile(r"\s(?P<file>[A-Za-z]:\\[^\n]{1,400}?) line (?P<line>\d{1,9})$"),
)
_LOCATION = re.compile(r"(?P<file>[^\n]{1,400}?):(?P<line>\d{1,9})")
_OFFSET = re.compile(r"\+(?:0x)?[0-9A-Fa-f]{1,16}$")
_MODULE = re.compile(r"([\w.-]{1,260})!(?=\S)")
_NAME = re.compile(r"[A-Za-z_~`<(?@]")
_BARE = re.compile(r"[A-Z]\w{0,200}")
_DELETING = re.compile(r"(?P<owner>.{0,1000}?)::(?:~\w{1,200}|`(?:scalar|vector) deleting destructor')")


def read(value: Any) -> tuple[tuple[Frame, ...], int]:
    """Return the frames of a list of lines or objects, or of one text of lines, and how many entries name nothing."""
    entries = value.splitlines() if isinstance(value, str) else value
    if not isinstance(entries, list):
        return (), 0
    frames: list[Frame] = []
    dropped = 0
    for entry in entries[:FRAMES_LIMIT]:
        if isinstance(entry, str) and (not entry.strip() or _HEADING.match(entry.strip())):
            continue
        frame = _frame(len(frames), entry)
        if frame is None:
            dropped += 1
        else:
            frames.append(frame)
    return tuple(_with_destructors(frames)), dropped


def place(value: Mapping[str, Any]) -> Frame | None:
    """Return the place that a record states of its crash, as a frame."""
    location = value.get("crash_location")
    if isinstance(location, Mapping):
        return _of_object(0, location)
    function, stated = value.get("crash_function"), location if isinstance(location, str) else ""
    found = _LOCATION.fullmatch(stated)
    name = _name(function) if isinstance(function, str) and function.lower() != "unknown" else None
    if name is None and found is None:
        return None
    return Frame(
        index=0, function=name, file=found["file"] if found else None, line=int(found["line"]) if found else None
    )


def _with_destructors(frames: Sequence[Frame]) -> list[Frame]:
    """
    Name the destructors of which the tilde and all before it is lost.

    They stand as a bare word without a place beside other destructors, as members and bases are destroyed from within
    and ``delete`` from without.
    """
    deleting = [_DELETING.fullmatch(frame.function or "") for frame in frames]
    named = list(frames)
    for position, frame in enumerate(frames):
        beside = next(
            (found for found in (*deleting[position + 1 : position + 2], *_before(deleting, position)) if found), None
        )
        if beside and frame.file is None and frame.module is None and _BARE.fullmatch(frame.function or ""):
            space = beside["owner"].rpartition("::")[0]
            owner = f"{space}::{frame.function}" if space else frame.function
            named[position] = frame._replace(function=f"{owner}::~{frame.function}")
    return named


def _before(deleting: Sequence[re.Match[str] | None], position: int) -> Sequence[re.Match[str] | None]:
    return deleting[position - 1 : position] if position else ()


def _frame(index: int, entry: Any) -> Frame | None:
    if isinstance(entry, Mapping):
        return _of_object(index, entry)
    return _of_line(index, entry[:_LINE_LIMIT]) if isinstance(entry, str) else None


def _of_line(index: int, line: str) -> Frame | None:
    text = line.rstrip()[_NUMBER.match(line).end() :]  # type: ignore[union-attr]
    columns = _COLUMNS.match(text)
    text = text[columns.end() :] if columns else text
    inline = _INLINE.match(text)
    text = text[inline.end() :] if inline else text
    found = next((match for place in _PLACES if (match := place.search(text))), None)
    name = _name(text[: found.start()] if found else text)
    if name is None:
        return None
    module = _MODULE.match(name)
    return Frame(
        index=index,
        function=name[module.end() :] if module else name,
        file=found["file"].strip() if found else None,
        line=int(found["line"]) if found else None,
        module=module[1] if module else None,
        is_inlined=inline is not None,
    )


def _of_object(index: int, value: Mapping[str, Any]) -> Frame | None:
    name = next((value[key] for key in ("function", "func", "name", "symbol") if isinstance(value.get(key), str)), "")
    file = next((value[key] for key in ("file", "source_file", "source") if isinstance(value.get(key), str)), None)
    module, line = value.get("module"), value.get("line")
    function = _name(name)
    if function is None and not file:
        return None
    return Frame(
        index=index,
        function=function,
        file=file,
        line=int(line) if isinstance(line, int | str) and str(line).isdecimal() and len(str(line)) < 10 else None,
        module=module if isinstance(module, str) else None,
    )


def _name(text: str) -> str | None:
    """Return a function's name without its offset; None for what is left of a name whose beginning was cut away."""
    name = _OFFSET.sub("", text.strip())
    return name if name and _NAME.match(name) and name.lower() != "unknown" else None
