"""What an import is made of: files of old reports, and records of the old ``crash_database.json``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tasks.core import captures, crash_database
from tasks.core.crash_records import CrashRecord
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import names_of_files
from tasks.steps import reading

_BINARY = (".dmp", ".mdmp")
_ANSWER = ".cdb_analysis.txt"
"""What the old scripts let the debugger write beside the report of the same name."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What could not be imported, and why; it is left where it is."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OldRecord:
    """A record, and when its file was changed last, for the case that nothing else tells a time."""

    record: CrashRecord
    changed_at: datetime


@dataclass(kw_only=True)
class Sources:
    """Files and records that are to be imported; ``again`` counts records of a report that another record tells of."""

    files: list[Path] = field(default_factory=list)
    records: list[OldRecord] = field(default_factory=list)
    again: int = 0
    refused_files: list[Refusal] = field(default_factory=list)
    refused_records: list[Refusal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def collect(named: Sequence[Path], files: Iterable[Path]) -> Sources:
    """
    Sort files into reports and databases, the reports by their times; ``named`` are those that the user typed.

    Raises:
        DumpError: a database that the user named is cut off or damaged: then nothing is to be imported.
    """
    found = Sources()
    for path in files:
        is_named = path in named
        if not is_named and not captures.is_considered(path.name):
            continue
        if (is_named or path.suffix.lower() == ".json") and _add_database(found, path, is_named=is_named):
            continue
        if path.name.lower().endswith(_ANSWER) and path.with_name(path.name[: -len(_ANSWER)] + ".txt").exists():
            reason = "it is what a debugger said of the report of the same name, which is read instead."
            found.refused_files.append(Refusal(path=str(path), reason=reason))
            continue
        found.files.append(path)
    found.files = _in_order(found.files)
    return found


def _add_database(found: Sources, path: Path, *, is_named: bool) -> bool:
    try:
        with path.open("rb") as stream:
            if not crash_database.may_be(stream.read(64)):
                return False
            stream.seek(0)
            content = stream.read(reading.TEXT_LIMIT)
        database = crash_database.read(content)
    except (OSError, UnrecognisedError):
        return False
    except DumpError as error:
        if is_named:
            raise DumpError(f"{path.name} is not imported, and nothing else is. {error}") from error
        found.refused_files.append(Refusal(path=str(path), reason=str(error)))
        return True
    changed_at = _changed_at(path)
    found.records += [OldRecord(record=record, changed_at=changed_at) for record in database.records]
    found.again += len(database.again)
    found.refused_records += [Refusal(path=f"{path}: {each.place}", reason=each.reason) for each in database.refused]
    found.remarks += [f"{path.name}: {remark}" for remark in database.remarks]
    return True


def _changed_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except (OSError, OverflowError, ValueError):
        return datetime.fromtimestamp(0, tz=UTC)


def _in_order(files: Sequence[Path]) -> list[Path]:
    """
    Order files as their crashes came, so that a defect is learned from its first one; the text before the dump.

    Dumps are read without symbols: the defect that one teaches would be empty as soon as its text is read.
    """
    moments: dict[str, datetime] = {}
    for path in files:
        capture, moment = captures.capture_of(str(path)), _moment(path)
        moments[capture] = min(moment, moments.get(capture, moment))
    return sorted(
        files, key=lambda path: (moments[captures.capture_of(str(path))], path.suffix.lower() in _BINARY, path.name)
    )


def _moment(path: Path) -> datetime:
    """Copies have lost the time of their file, but not their name."""
    changed_at = _changed_at(path)
    named = names_of_files.time_from_name(path.name, known=changed_at)
    return named.replace(tzinfo=named.tzinfo or UTC) if named else changed_at
