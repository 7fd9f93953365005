"""``crashflow init``: a commented crashflow.toml, with what this folder plausibly holds filled in."""

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from db.settings import CONFIGURATION_NAME
from tasks.core.errors import ConfigurationError

ENTRIES_LIMIT = 20_000
DEPTH_LIMIT = 4
_EXECUTABLES = frozenset({"worldserver", "mangosd", "authserver", "bnetserver", "server"})
_CRASH_FOLDERS = frozenset({"crashes", "crash", "cores", "coredumps", "crashdumps", "dumps"})
_LOGS = frozenset({"server.log", "playerbot.log", "playerbots.log", "errors.log", "dberrors.log", "world-server.log"})
_UNSEARCHED = frozenset({"node_modules", "CMakeFiles", "__pycache__", "site-packages"})


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a folder seems to hold, as paths below it; empty and None for what was not found."""

    crash_folders: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    executable: str | None = None
    has_repository: bool = False
    has_cmake: bool = False


def write(folder: Path, *, is_forced: bool) -> Path:
    """
    Write the file into a folder and return its path.

    Raises:
        ConfigurationError: it exists and ``is_forced`` is not set, or the folder can't be written.
    """
    path = folder / CONFIGURATION_NAME
    if path.exists() and not is_forced:
        raise ConfigurationError(f"{path} exists already; change it, or write it anew with --force.")
    try:
        path.write_text(render(find(folder)), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror}.") from error
    return path


def write_command(folder: Path, queue: Path, *, timeout_s: int, is_forced: bool) -> Path:
    """
    Write Claude Code's command ``/analyze-crash`` into a checkout, for an analyst who answers the queue, and return it.

    ``timeout_s`` is how long one answer may take before others are given the question.

    Raises:
        ConfigurationError: it exists and ``is_forced`` is not set, or the folder can't be written.
    """
    path = folder / ".claude" / "commands" / "analyze-crash.md"
    if path.exists() and not is_forced:
        raise ConfigurationError(f"{path} exists already; change it, or write it anew with --force.")
    text = (resources.files("deployments") / "analyze-crash.md").read_text(encoding="utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(queue=queue, timeout_s=timeout_s), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror}.") from error
    return path


def find(folder: Path) -> Findings:
    """Look for a server, its crashes and its logs, a few folders deep and no longer than a moment."""
    crash_folders, logs, executables = [], [], []
    for path in itertools.islice(_walk(folder, DEPTH_LIMIT), ENTRIES_LIMIT):
        name = str(path.relative_to(folder))
        if path.is_dir() and path.name.lower() in _CRASH_FOLDERS:
            crash_folders.append(name)
        elif path.name.lower() in _LOGS and path.is_file():
            logs.append(name)
        elif path.name in _EXECUTABLES and path.is_file() and os.access(path, os.X_OK):
            executables.append(path)
    newest = max(executables, key=lambda path: path.stat().st_mtime, default=None)
    return Findings(
        crash_folders=tuple(sorted(crash_folders)),
        logs=tuple(sorted(logs)),
        executable=str(newest.relative_to(folder)) if newest else None,
        has_repository=(folder / ".git").exists(),
        has_cmake=(folder / "CMakeLists.txt").is_file(),
    )


def render(found: Findings) -> str:
    """Return the text of the file: what was found is set, the rest stands there as a comment with its default."""
    template = (resources.files("deployments") / "template.toml").read_text(encoding="utf-8")
    values = {
        "crash_folders": found.crash_folders,
        "logs": found.logs,
        "executable": found.executable,
        "repository": "." if found.has_repository else None,
        "configure": ("cmake", "-S", ".", "-B", "build") if found.has_repository and found.has_cmake else None,
        "compile": ("cmake", "--build", "build") if found.has_repository and found.has_cmake else None,
    }
    tables = {"[server.source]": found.has_repository, "[server.build]": found.has_repository}
    # What is found is of the server: another table has a key of the same name.
    before, mark, server = template.partition("[[server]]")
    return before + mark + "".join(_line(line, values, tables) for line in server.splitlines(keepends=True))


def _line(line: str, values: dict[str, tuple[str, ...] | str | None], tables: dict[str, bool]) -> str:
    text = line.removeprefix("#").strip()
    if tables.get(text):
        return f"{text}\n"
    key = text.partition(" = ")[0]
    if line.startswith("#") and values.get(key):
        return f"{key} = {json.dumps(values[key], ensure_ascii=False)}\n"
    return line


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.name.startswith(".") or path.name in _UNSEARCHED or path.is_symlink():
            continue
        yield path
        if depth > 1 and path.is_dir():
            yield from _walk(path, depth - 1)
