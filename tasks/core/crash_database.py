"""
The ``crash_database.json`` of the scripts that crashflow replaces: which crash records a file holds.

The scripts wrote ``{"crashes": {ID: RECORD}, "patterns": {}, "fixes": {}}``; their requests and reports hold one
record, alone or below ``crash``; lists of records are read as well. They wrote in place, so a file can end anywhere.
"""

import codecs
import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.core import captures, crash_records, encodable_json
from tasks.core.crash_records import CrashRecord
from tasks.core.errors import DumpError, UnrecognisedError

KIND = "crash_database_json"
_CRASHES = "crashes"
_ASIDE = ("patterns", "fixes")
_DEPTH = 6
_NAMES: dict[type, str] = {str: "a text", bool: "a truth value", int: "a number", float: "a number", type(None): "null"}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, kw_only=True)
class RefusedRecord:
    """An entry that is no crash record, and why."""

    place: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CrashDatabase:
    """
    What such a file holds, in its order.

    ``again`` names the records of reports of which another record tells more; ``remarks`` say what is left out.
    """

    records: tuple[CrashRecord, ...] = ()
    again: tuple[str, ...] = ()
    refused: tuple[RefusedRecord, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Found:
    records: list[CrashRecord] = field(default_factory=list)
    refused: list[RefusedRecord] = field(default_factory=list)


def may_be(head: bytes) -> bool:
    """Tell by the first bytes of a file whether it may be such a database: it is JSON."""
    return _text(head).lstrip()[:1] in {"{", "["}


def read(content: bytes) -> CrashDatabase:
    """
    Read all crash records of a file.

    Raises:
        UnrecognisedError: it is no JSON from its beginning on, or JSON without crash records.
        DumpError: it is cut off or damaged, so that nothing of it can be trusted.
    """
    if not may_be(content):
        raise UnrecognisedError("The file is no JSON: give the crash_database.json, or the folder of its reports.")
    value = _load(_text(content))
    found = _Found()
    is_known = isinstance(value, dict) and isinstance(value.get(_CRASHES), dict | list)
    _walk(value[_CRASHES] if is_known else value, (_CRASHES,) if is_known else (), found)
    if not found.records and not is_known:
        raise UnrecognisedError(
            'The JSON holds no crash records: expected are {"crashes": {ID: RECORD}}, a list of records, or one record.'
        )
    kept, again = _distinct(found.records)
    remarks = tuple(_left_out(value)) if is_known else ()
    return CrashDatabase(records=kept, again=again, refused=tuple(found.refused), remarks=remarks)


def name_of(path: str) -> str:
    """Return the name that a report has wherever it lies, without folder and suffix."""
    return posixpath.basename(captures.capture_of(path))


def _text(content: bytes) -> str:
    """Scripts on Windows wrote in the code page of the machine where nobody told them otherwise."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _load(text: str) -> Any:
    try:
        return encodable_json.loads(text)
    except json.JSONDecodeError as error:
        end = text.rstrip()
        is_cut = error.pos >= len(end) or not end.endswith(("}", "]"))
        where = f"line {error.lineno}, column {error.colno}"
        what = f"ends in the middle ({where}): it was cut off" if is_cut else f"is damaged at {where} ({error.msg})"
        raise DumpError(f"The file {what}. Give a whole copy of it, or the folder of its reports.") from error
    except (ValueError, RecursionError) as error:
        raise DumpError("The file is JSON that no script wrote: its numbers or its nesting have no end.") from error


def _walk(value: Any, path: tuple[str, ...], found: _Found) -> None:
    if isinstance(value, dict) and crash_records.is_record(value):
        _add(value, path, found)
    elif isinstance(value, dict | list) and len(path) < _DEPTH:
        for key, child in _children(value):
            if path or isinstance(child, dict | list):
                _walk(child, (*path, key), found)
    elif path and path[0] == _CRASHES:
        name = _NAMES.get(type(value), "nested too deeply")
        found.refused.append(RefusedRecord(place=".".join(path), reason=f"it is {name}, not a crash record"))


def _children(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str, Any]]:
    if isinstance(value, list):
        return ((str(number), child) for number, child in enumerate(value, start=1))
    return ((str(key), child) for key, child in value.items() if key not in _ASIDE)


def _add(value: Mapping[str, Any], path: tuple[str, ...], found: _Found) -> None:
    place = ".".join(path) or "the record"
    try:
        found.records.append(crash_records.read(value, key=path[-1] if path else "", place=place))
    except DumpError as error:
        found.refused.append(RefusedRecord(place=place, reason=str(error)))


def _distinct(records: Iterable[CrashRecord]) -> tuple[tuple[CrashRecord, ...], tuple[str, ...]]:
    """Keep one record of each report: the scripts gave a report another id each time that they read it otherwise."""
    best: dict[str, CrashRecord] = {}
    again = []
    for record in records:
        name = name_of(record.path)
        known = best.get(name)
        if known is None:
            best[name] = record
            continue
        better, other = (record, known) if record.worth > known.worth else (known, record)
        best[name] = better
        again.append(other.place)
    return tuple(best.values()), tuple(again)


def _left_out(value: Mapping[str, Any]) -> Iterator[str]:
    for name in _ASIDE:
        entries = value.get(name)
        if isinstance(entries, dict | list) and entries:
            yield f"{len(entries)} of its {name} are left out: the scripts recorded no outcome that could be checked."
