"""
Running a program that is expected to crash, and finding its core, however this system writes cores.

Where the kernel writes cores as files they are found by the kernel's pattern; where it pipes them to a service, or
forbids them, the program runs under gdb, which writes the core.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.clients import process, tools
from tasks.clients.process import Limits
from tasks.core.errors import CrashflowError

PATTERN = Path("/proc/sys/kernel/core_pattern")
_SPECIFIER = re.compile(r"%(.)")


def crash(command: Sequence[str | Path], *, cwd: Path, timeout_s: float) -> Path:
    """
    Run a program into its crash and return the core that it left.

    Raises:
        CrashflowError: it did not crash, or left no core.
        ToolMissingError: the core needs gdb, which is not installed.
    """
    before = _cores(cwd)
    result = process.run(command, cwd=cwd, timeout_s=timeout_s, limits=Limits(has_cores=True))
    if result.is_timed_out or result.returncode >= 0:
        raise CrashflowError(
            f"{Path(command[0]).name} did not crash: it ended with {result.returncode}. {result.output[-500:]}"
        )
    found = sorted(_cores(cwd) - before, key=lambda core: core.modified_ns)
    return found[-1].path if found else _under_debugger(command, cwd, timeout_s)


@dataclass(frozen=True, kw_only=True)
class _Core:
    """A core as it lies on the disk: the next one may overwrite it under the same name."""

    path: Path
    modified_ns: int


def _cores(cwd: Path) -> set[_Core]:
    """Return the files that the kernel's pattern may have made: relative patterns lie in the program's folder."""
    pattern = PATTERN.read_text(encoding="utf-8").strip() if PATTERN.exists() else "core"
    if pattern.startswith("|") or not pattern:
        return set()
    place = cwd / pattern
    name = _SPECIFIER.sub(lambda found: "%" if found.group(1) == "%" else "*", place.name)
    if "%" in str(place.parent):
        return set()
    files = (path for path in place.parent.glob(f"{name}*") if path.is_file())
    return {_Core(path=path, modified_ns=path.stat().st_mtime_ns) for path in files}


def _under_debugger(command: Sequence[str | Path], cwd: Path, timeout_s: float) -> Path:
    core = cwd / "core.gdb"
    core.unlink(missing_ok=True)
    words = [
        *(
            tools.require("gdb"),
            "-nx",
            "-nh",
            "-batch",
            "-iex",
            "set auto-load off",
            "-iex",
            "set debuginfod enabled off",
        ),
        *("-ex", "run", "-ex", "generate-core-file core.gdb", "--args", *command),
    ]
    result = process.run(words, cwd=cwd, timeout_s=timeout_s * 3)
    if not core.is_file():
        raise CrashflowError(
            f"This system writes no core files ({PATTERN} says so) and gdb wrote none either: {result.output[-300:]}"
        )
    return core
