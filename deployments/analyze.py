"""``crashflow analyze``: what a dump says, without any database."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments import console, many
from tasks.clients import knowledge
from tasks.core import crash_json, reports
from tasks.core.errors import DumpError, ToolMissingError, UnrecognisedError
from tasks.core.frames import StackLists
from tasks.core.matching import CompiledPattern
from tasks.core.names import normalise
from tasks.steps import reading
from tasks.steps.reading import DebuggerSettings, Understanding


@dataclass(frozen=True, kw_only=True)
class Analyst:
    """The knowledge that every file is read with."""

    lists: StackLists
    patterns: tuple[CompiledPattern, ...]
    debugger: DebuggerSettings

    def analyze(self, path: Path) -> Iterator[tuple[dict[str, Any], Understanding | None]]:
        """Yield one result for each crash in a file, or one that says why there is none."""
        try:
            found = reading.read(path, self.debugger)
        except (DumpError, ToolMissingError) as error:
            status = "unrecognised" if isinstance(error, UnrecognisedError) else "error"
            yield {"path": str(path), "index": 0, "format": None, "status": status, "notes": [str(error)]}, None
            return
        for index, crash in enumerate(found.crashes):
            known = reading.understand(crash, self.lists, self.patterns)
            value = crash_json.from_crash(crash, known.signature, known.assessment, known.match)
            yield {"path": str(path), "index": index, **value}, known


def analyst(debugger: DebuggerSettings) -> Analyst:
    """
    Return an analyst with the knowledge that ships.

    Raises:
        ConfigurationError: a pattern pack is wrong.
    """
    packs = knowledge.pattern_packs()
    compiled = tuple(CompiledPattern(pattern=pattern) for pack in packs for pattern in pack.patterns)
    return Analyst(lists=knowledge.stack_lists(), patterns=compiled, debugger=debugger)


def analyze(paths: Sequence[Path], debugger: DebuggerSettings, *, is_json: bool) -> bool:
    """Print what each file holds, in the order of the files; return False where one of them could not be read."""
    is_fine = True
    reader = read_as_json if is_json else read
    work: Callable[[Sequence[Path]], Iterator[Any]] = functools.partial(reader, debugger=debugger)
    for results in many.read(expand(paths), work):
        for value, shown in results:
            is_fine = is_fine and value["status"] in {"ok", "partial"}
            if isinstance(shown, str):
                console.raw(shown)
            else:
                _show(value, shown)
    return is_fine


def read(
    paths: Iterable[Path], debugger: DebuggerSettings
) -> Iterator[list[tuple[dict[str, Any], Understanding | None]]]:
    """Read files, for each what ``Analyst.analyze`` says of it."""
    known = analyst(debugger)
    for path in paths:
        yield list(known.analyze(path))


def read_as_json(paths: Iterable[Path], debugger: DebuggerSettings) -> Iterator[list[tuple[dict[str, Any], str]]]:
    """Read files, for each crash its status and its line of JSON: less goes from process to process than the crash."""
    for results in read(paths, debugger):
        yield [({"status": value["status"]}, json.dumps(value, ensure_ascii=True)) for value, _ in results]


def expand(paths: Sequence[Path]) -> list[Path]:
    """Return the files among paths, those of a folder by name; what is not there stays, to be reported."""
    found: list[Path] = []
    for path in paths:
        found += sorted(file for file in path.rglob("*") if _is_to_be_read(file)) if path.is_dir() else [path]
    return found


def _is_to_be_read(path: Path) -> bool:
    is_broken_link = path.is_symlink() and not path.exists()
    return path.is_file() or is_broken_link


def _show(value: dict[str, Any], understood: Understanding | None) -> None:
    if understood is None:
        console.line(f"{value['path']}: {value['notes'][0]}")
        return
    crash, location = understood.crash, value["location"]
    place = f"{location['function'] or 'unknown'}" + (
        f" ({location['file']}:{location['line']})" if location["file"] else ""
    )
    pattern = value["pattern"]
    rows = [
        ("file", f"{value['path']} ({value['format']}, crash {value['index'] + 1})"),
        ("signature", value["signature"]),
        ("what", reports.describe_exception(crash)),
        ("where", place),
        ("severity", f"{value['severity']}, {value['category']}, {', '.join(value['components'])}"),
        ("pattern", f"{pattern['slug']} ({pattern['score']:.0%})" if pattern else "none: novel"),
        ("hypothesis", value["hypothesis"]),
        *(("suggestion", text) for text in value["suggestions"]),
        *(("note", text) for text in value["notes"]),
    ]
    console.table(("", ""), rows)
    names = set(understood.signature.in_app)
    for frame in crash.frames[: reports.FRAMES_SHOWN]:
        mark = "*" if frame.function and normalise(frame.function) in names else " "
        console.line(f"  {mark} #{frame.index:<3} {reports.describe_frame(frame)}")
    console.line()
