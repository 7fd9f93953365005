"""
Walls around programs that read hostile files or run code of a fix: bubblewrap where it works, and its name if so.

Inside there are the system's programs and libraries, a private ``/tmp``, and the paths that the caller lists; no
network unless asked for, no other processes, no home folder.
"""

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tasks.clients import process
from tasks.core.errors import ToolMissingError

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/passwd",
    "/etc/group",
)
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl")
_PROBE_S = 10.0


def confine(
    argv: Sequence[str | Path],
    *,
    readable: Sequence[Path],
    writable: Sequence[Path] = (),
    cwd: Path | None = None,
    has_network: bool = False,
) -> list[str]:
    """
    Return the command that runs ``argv`` confined; ``argv`` itself where there is no sandbox.

    ``readable`` and ``writable`` are files and folders that stay at their paths; a path that does not exist is left
    out. ``cwd`` is the working directory inside and has to be visible there.
    """
    command = [str(word) for word in argv]
    if name() == "none":
        return command
    walls = _walls(has_network=has_network)
    for option, paths in (("--ro-bind", readable), ("--bind", writable)):
        for path in paths:
            walls += [f"{option}-try", str(path.resolve()), str(path.absolute())]
    return [*walls, *(["--chdir", str(cwd.absolute())] if cwd else []), "--", *command]


@functools.cache
def name() -> Literal["bubblewrap", "none"]:
    """Say which sandbox is used. bubblewrap counts only if it runs here: containers often forbid its namespaces."""
    if shutil.which("bwrap") is None:
        return "none"
    try:
        probe = process.run([*_walls(has_network=False), "--", "/usr/bin/env", "true"], timeout_s=_PROBE_S)
    except ToolMissingError:
        return "none"
    return "bubblewrap" if probe.is_success else "none"


def _walls(*, has_network: bool) -> list[str]:
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    words += ["--tmpfs", "/tmp"]  # noqa: S108 - the sandbox's own
    if has_network:
        words.append("--share-net")
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            words += ["--ro-bind", str(folder), str(folder)]
    for path in (*_SETTINGS, *(_NETWORK if has_network else ())):
        words += ["--ro-bind-try", path, path]
    return words
