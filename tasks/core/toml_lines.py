"""
On which line of a TOML text a key stands, so that a person who got a value wrong is led to it.

The text is one that tomllib reads; tomllib says what each header and each value holds, this module only where.
"""

import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

Location = tuple[str | int, ...]


def line_of(content: str, location: Sequence[str | int]) -> int | None:
    """
    Return the line (from 1) of a key, or of the table nearest above it where the key itself is missing.

    ``location`` is like ``("server", 1, "build", "compile")``: the number counts the tables of one ``[[name]]``.
    """
    lines = _positions(content)
    wanted = tuple(location)
    while wanted:
        if wanted in lines:
            return lines[wanted]
        wanted = wanted[:-1]
    return None


def _positions(content: str) -> dict[Location, int]:
    found: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    for number, text in _statements(content):
        value = tomllib.loads(text)
        if text.lstrip().startswith("["):
            table = _enter(value, counts, is_array=text.lstrip().startswith("[["))
            found.setdefault(table, number)
            continue
        for path in _paths(value):
            found.setdefault(table + path, number)
    return found


def _statements(content: str) -> Iterator[tuple[int, str]]:
    """Yield each header and each key with its value, which may take several lines, and the line of its beginning."""
    begin, pending = 0, ""
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begin = begin if pending else number
        pending += line
        try:
            tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        yield begin, pending
        pending = ""


def _enter(value: dict[str, Any], counts: dict[Location, int], *, is_array: bool) -> Location:
    names = _names(value)
    path: Location = ()
    for index, name in enumerate(names):
        path = (*path, name)
        if is_array and index == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(value: Any) -> list[str]:
    names = []
    while value:
        value = value[0] if isinstance(value, list) else value
        if not value:
            break
        name, value = next(iter(value.items()))
        names.append(name)
    return names


def _paths(value: Any) -> Iterator[Location]:
    """Yield the path of everything in a value, inline tables and their arrays included."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (key,)
        if isinstance(inner, dict | list):
            for path in _paths(inner):
                yield (key, *path)
