"""
``crashflow analyze``: what dumps say, without any database.

Every file gives at least one result, whatever is wrong with it, and no file stops the others.
"""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db import settings
from deployments import analysis_view, console, many
from deployments.analysis_view import Tally
from tasks.clients import knowledge
from tasks.core import crash_json
from tasks.core.crash import Crash
from tasks.core.errors import CrashflowError, UnrecognisedError
from tasks.core.frames import StackLists
from tasks.core.matching import PatternIndex
from tasks.steps import pattern_packs, reading
from tasks.steps.reading import DebuggerSettings, Understanding

BLOCKS = 3
"""Up to this many files are shown as blocks with their stacks, more of them as a line for each crash."""

READ = frozenset({"ok", "partial"})


@dataclass(frozen=True, kw_only=True)
class FileCrashes:
    """The crashes of one file, or the status and the sentence that say why there are none."""

    crashes: tuple[Crash, ...] = ()
    status: str = "ok"
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Analyst:
    """The knowledge that every file is read with."""

    lists: StackLists
    patterns: PatternIndex
    debugger: DebuggerSettings

    def analyze(self, path: Path) -> Iterator[tuple[dict[str, Any], Understanding | None]]:
        """Yield one result for each crash in a file, or one that says why there is none."""
        found = crashes_of(path, self.debugger)
        if not found.crashes:
            yield {"path": str(path), "index": 0, **crash_json.without_crash(found.status, found.reason)}, None
        for index, crash in enumerate(found.crashes):
            known = reading.understand(crash, self.lists, self.patterns)
            value = crash_json.from_crash(crash, known.signature, known.assessment, known.match)
            yield {"path": str(path), "index": index, **value}, known


def analyst(debugger: DebuggerSettings) -> Analyst:
    """
    Return an analyst with the knowledge that ships, and the operator's own patterns.

    Raises:
        ConfigurationError: the crashflow.toml or a pattern pack that ships is wrong.
    """
    return _analyst(debugger, tuple(settings.load().configuration.pattern_folders))


@functools.cache
def _analyst(debugger: DebuggerSettings, pattern_folders: tuple[Path, ...]) -> Analyst:
    lists = knowledge.stack_lists()
    packs, _ = pattern_packs.collect(pattern_folders, lists)
    index = PatternIndex(pattern for pack in packs for pattern in pack.patterns)
    return Analyst(lists=lists, patterns=index, debugger=debugger)


def analyze(paths: Sequence[Path], debugger: DebuggerSettings, *, is_json: bool) -> bool:
    """Print what each file holds, in the order of the files; return False where one of them could not be read."""
    files = expand(paths)
    if not files:
        console.step(f"There is no file in {', '.join(str(path) for path in paths)}.")
        return False
    _tell_refused_patterns()
    if is_json:
        return _print_json(files, debugger)
    show = analysis_view.show_block if len(files) <= BLOCKS else analysis_view.show_line
    tally = Tally()
    for results in many.read(files, functools.partial(read, debugger=debugger)):
        for value, known in results:
            show(value, known)
            tally.add(value)
    if len(files) > 1:
        console.line(tally.sentence())
    return tally.unread == 0


def _tell_refused_patterns() -> None:
    """Those of the operator's own patterns that are refused would otherwise be missed in silence."""
    folders = settings.load().configuration.pattern_folders
    for fault in pattern_packs.collect(folders, knowledge.stack_lists())[1] if folders else ():
        console.step(f"Not used: {fault.sentence}")


def read(
    paths: Iterable[Path], debugger: DebuggerSettings
) -> Iterator[list[tuple[dict[str, Any], Understanding | None]]]:
    """
    Read files, for each what ``Analyst.analyze`` says of it.

    A fault of ours becomes the result of its file, as thousands of others wait.
    """
    known = analyst(debugger)
    for path in paths:
        try:
            results = list(known.analyze(path))
        except Exception as error:  # noqa: BLE001
            results = [
                ({"path": str(path), "index": 0, **crash_json.without_crash("error", _fault(path, error))}, None)
            ]
        yield results


def read_as_json(paths: Iterable[Path], debugger: DebuggerSettings) -> Iterator[list[tuple[str, str]]]:
    """Read files, for each crash its status and its line of JSON: less goes from process to process than the crash."""
    for results in read(paths, debugger):
        yield [(value["status"], json.dumps(value, ensure_ascii=True)) for value, _ in results]


def crashes_of(path: Path, debugger: DebuggerSettings) -> FileCrashes:
    """Read one file of many; whatever is wrong with it, or with its reader, becomes its result."""
    try:
        return FileCrashes(crashes=reading.read(path, debugger).crashes)
    except UnrecognisedError as error:
        return FileCrashes(status="unrecognised", reason=str(error))
    except CrashflowError as error:
        return FileCrashes(status="error", reason=str(error))
    except Exception as error:  # noqa: BLE001
        return FileCrashes(status="error", reason=_fault(path, error))


def expand(paths: Sequence[Path]) -> list[Path]:
    """
    Return the files among paths, those of folders by name; what is not there or no file stays, to be reported.

    Links to files are followed, links to folders are not: they may lead back.
    """
    found: list[Path] = []
    for path in paths:
        found += sorted(_files_below(path)) if _is_folder(path) else [path]
    return found


def _files_below(folder: Path) -> Iterator[Path]:
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            entries = list(current.iterdir())
        except OSError:
            yield current
            continue
        for entry in entries:
            if not _is_folder(entry):
                yield entry
            elif not entry.is_symlink():
                pending.append(entry)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _fault(path: Path, error: Exception) -> str:
    return f"crashflow failed on {path.name} ({type(error).__name__}: {str(error)[:200]}); please report it."


def _print_json(files: Sequence[Path], debugger: DebuggerSettings) -> bool:
    work: Callable[[Sequence[Path]], Iterator[Any]] = functools.partial(read_as_json, debugger=debugger)
    is_fine = True
    for results in many.read(files, work):
        for status, line in results:
            is_fine = is_fine and status in READ
            console.raw(line)
    return is_fine
