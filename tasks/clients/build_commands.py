"""
How a command of ``[server.build]`` is run for a fix: a stranger may have had a hand in the code that it compiles.

It sees the fix's worktree and the system's programs; no network, no other process, no secret, not git's own folder, in
a sandbox where there is one. Without one it still has limits, an allow-listed environment and an end.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tasks.clients import process, sandbox, tools
from tasks.clients.process import Limits, ProcessResult
from tasks.clients.process_tree import TreeLimits
from tasks.core import compile_commands
from tasks.core.compile_commands import CompileCommand
from tasks.core.configuration import BuildSettings
from tasks.core.errors import ToolMissingError

_FILE_BYTES = 32 * 2**30
"""No file of a build is larger: what writes more would fill the disk."""

_MEMORY_SHARE = 0.8

_DATABASE = {"CMAKE_EXPORT_COMPILE_COMMANDS": "ON"}
"""CMake 3.17 and newer then write how each file is compiled."""

_DATABASE_BYTES = 256 * 2**20


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command as it was configured, how it ended, and the sandbox that it ran in."""

    command: tuple[str, ...]
    result: ProcessResult
    sandbox: sandbox.Name


def run(
    command: Sequence[str],
    *,
    tree: Path,
    settings: BuildSettings,
    timeout_s: float,
    cache: Path | None = None,
    directory: Path | None = None,
) -> Ran:
    """
    Run a command in a worktree, which is all that it can write to, apart from ``cache``: the compiler's, for ccache.

    It starts in ``directory``, which lies in the worktree, or in the worktree itself.

    Raises:
        ToolMissingError: its program is not there or not visible in the sandbox, or a sandbox is required and missing.
    """
    used = _sandbox(settings)
    words = tuple(command)
    walled: Sequence[str] = words
    _check_program(words[0], tree)
    if used != "none":
        _check_visible(words[0], tree, settings.readable)
        walled = sandbox.confine(
            words,
            readable=settings.readable,
            writable=[tree, *([cache] if cache else [])],
            sealed=[tree / ".git"],
            cwd=directory or tree,
            process_limit=settings.process_limit,
        )
    result = process.run(
        walled,
        cwd=directory or tree,
        timeout_s=timeout_s,
        environment={**_DATABASE, **(_ccache(tree, cache) if cache else {})},
        limits=Limits(
            file_bytes=_FILE_BYTES,
            tree=TreeLimits(processes=settings.process_limit, memory_bytes=_memory_limit(settings)),
        ),
        is_merged=True,
    )
    return Ran(command=words, result=result, sandbox=used)


def compiler_cache(folder: Path) -> Path | None:
    """Return the folder of our own cache of compiled files, made if need be; None where ccache is not installed."""
    if shutil.which("ccache") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def database_folder(tree: Path) -> Path | None:
    """Return the folder in a worktree where its newest compilation database lies, None where the build wrote none."""
    home = tree.resolve()
    found = [
        file.resolve()
        for depth in ("", "*/", "*/*/")
        for file in tree.glob(f"{depth}{compile_commands.FILE_NAME}")
        if file.is_file() and file.resolve().is_relative_to(home)
    ]
    newest = max(found, key=lambda file: file.stat().st_mtime, default=None)
    return newest.parent if newest else None


def compilation_database(tree: Path) -> tuple[CompileCommand, ...]:
    """Return how the build of a worktree compiles each file; nothing where it wrote that down nowhere."""
    folder = database_folder(tree)
    if folder is None:
        return ()
    with (folder / compile_commands.FILE_NAME).open("rb") as file:
        return compile_commands.parse(file.read(_DATABASE_BYTES))


def _sandbox(settings: BuildSettings) -> sandbox.Name:
    if settings.sandbox == "off":
        return "none"
    used = sandbox.name()
    if used == "none" and settings.sandbox == "required":
        raise ToolMissingError(
            "The configuration requires a sandbox for builds, and there is none here."
            f' {tools.find("bubblewrap").how_to_get} Or set sandbox = "auto" in [server.build].'
        )
    return used


def is_visible(program: str, readable: Sequence[Path] = ()) -> bool:
    """
    Tell whether a program that is installed here can be started inside the sandbox.

    Neither its folder nor the file that a link stands for may be hidden, as those of a home folder are.
    """
    folders = [Path(program).parent] if "/" in program else map(Path, os.get_exec_path())
    found = (folder / Path(program).name for folder in folders if sandbox.shows(folder, readable))
    return any(os.access(file, os.X_OK) and sandbox.shows(file.resolve(), readable) for file in found)


def _check_program(program: str, tree: Path) -> None:
    if "/" in program and not (tree / program).exists():
        raise ToolMissingError(
            f"{program} is not there, in the worktree or here; check the commands of [server.build]."
        )
    if "/" not in program and shutil.which(program) is None:
        raise ToolMissingError(tools.explain(program))


def _check_visible(program: str, tree: Path, readable: Sequence[Path]) -> None:
    """What is found outside and missing inside is told by no message of the sandbox."""
    path = str(tree / program) if "/" in program else program
    if not is_visible(path, (tree, *readable)):
        folder = Path(shutil.which(path) or path).parent
        raise ToolMissingError(
            f"{program} lies in {folder}, or leads out of what the sandbox of builds shows: add what it needs to"
            " readable in [server.build], or name a program of the system."
        )


def _memory_limit(settings: BuildSettings) -> int:
    if settings.memory_limit_mb is not None:
        return settings.memory_limit_mb * 2**20
    return int(psutil.virtual_memory().total * _MEMORY_SHARE)


def _ccache(tree: Path, cache: Path) -> Mapping[str, str]:
    """Let CMake's builds use ccache, and worktrees share what they compiled although their paths differ."""
    return {
        "CMAKE_C_COMPILER_LAUNCHER": "ccache",
        "CMAKE_CXX_COMPILER_LAUNCHER": "ccache",
        "CCACHE_DIR": str(cache),
        "CCACHE_BASEDIR": str(tree),
        "CCACHE_NOHASHDIR": "1",
    }
