"""
Walls around programs that read hostile files or run code of a fix: bubblewrap where it works, and its name if so.

Inside there are the system's programs and libraries, a private ``/tmp``, and the paths that the caller lists; no
network, no other processes, no home folder.
"""

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tasks.clients import process
from tasks.core.errors import ToolMissingError

Name = Literal["bubblewrap", "none"]

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/passwd",
    "/etc/group",
    "/etc/localtime",
)
_PROBE_S = 10.0


def confine(
    argv: Sequence[str | Path],
    *,
    readable: Sequence[Path],
    writable: Sequence[Path] = (),
    sealed: Sequence[Path] = (),
    cwd: Path | None = None,
    process_limit: int | None = None,
) -> list[str]:
    """
    Return the command that runs ``argv`` confined; ``argv`` itself where there is no sandbox.

    ``readable`` and ``writable`` are files and folders that stay at their paths; a path that does not exist is left
    out. ``sealed`` lie in writable folders and are only readable all the same. ``cwd`` is the working directory inside
    and has to be visible there. ``process_limit`` counts processes and threads inside; it does not hold for root.
    """
    command = [str(word) for word in argv]
    if name() == "none":
        return command
    walls = _walls()
    for option, paths in (("--ro-bind", readable), ("--bind", writable), ("--ro-bind", sealed)):
        for path in paths:
            walls += [f"{option}-try", str(path.resolve()), str(path.absolute())]
    if process_limit is not None:
        command = ["prlimit", f"--nproc={process_limit}", "--", *command]
    return [*walls, *(["--chdir", str(cwd.absolute())] if cwd else []), "--", *command]


def shows(path: Path, readable: Sequence[Path]) -> bool:
    """Tell whether a program inside can see a path of the system, or below what the caller lists."""
    places = (*map(Path, _SYSTEM), *(folder.absolute() for folder in readable))
    return any(path.is_relative_to(place) for place in places)


@functools.cache
def name() -> Name:
    """Say which sandbox is used. bubblewrap counts only if it runs here: containers often forbid its namespaces."""
    if shutil.which("bwrap") is None:
        return "none"
    try:
        probe = process.run([*_walls(), "--", "/usr/bin/env", "true"], timeout_s=_PROBE_S)
    except ToolMissingError:
        return "none"
    return "bubblewrap" if probe.is_success else "none"


def _walls() -> list[str]:
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    words += ["--tmpfs", "/tmp", "--setenv", "HOME", "/tmp"]  # noqa: S108 - the sandbox's own
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            words += ["--ro-bind", str(folder), str(folder)]
    for path in _SETTINGS:
        words += ["--ro-bind-try", path, path]
    return words
