"""
What outlives the command that started it: found by the mark that every child of ours carries, and ended.

The mark is an environment variable that says for which state folder, and by which process, a program was started. A
number alone may belong to another process by now, so the time at which the owner began is part of it. A second variable
names the very process that started a program, which may die while the command lives on.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from tasks.clients import identity
from tasks.clients.process import OWNER_VARIABLE, STARTER_VARIABLE


def mark(state_folder: Path) -> str:
    """Return the mark of what this process starts for a state folder."""
    return f"{_installation(state_folder)}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def end_orphans(state_folder: Path) -> int:
    """Kill what dead commands of this installation left running; return how many processes that were."""
    return _end(state_folder, lambda owner: not _lives(owner))


def end_abandoned(state_folder: Path) -> int:
    """
    Kill what processes of this installation left running that died alone, as the compilers of a killed run.

    Returns how many processes that were.
    """
    prefix = _installation(state_folder) + ":"
    found = ((child, child.environ().get(STARTER_VARIABLE)) for child, owner in _marked() if owner.startswith(prefix))
    return _kill(child for child, starter in found if starter and identity.is_known_dead(starter))


def end_own(state_folder: Path) -> int:
    """Kill what is left of all that this process started for the installation; return how many processes that were."""
    ours = mark(state_folder)
    return _end(state_folder, lambda owner: owner == ours)


def end_of(owner: str) -> int:
    """Kill all that carries exactly this mark, but for the caller; return how many processes that were."""
    return _kill(process for process, found in _marked() if found == owner)


def _end(state_folder: Path, is_meant: Callable[[str], bool]) -> int:
    prefix = _installation(state_folder) + ":"
    return _kill(process for process, owner in _marked() if owner.startswith(prefix) and is_meant(owner))


def _kill(processes: Iterator[psutil.Process]) -> int:
    count = 0
    for process in list(processes):
        with contextlib.suppress(psutil.Error):
            process.kill()
            count += 1
    return count


def _marked() -> Iterator[tuple[psutil.Process, str]]:
    for process in psutil.process_iter():
        # What belongs to other accounts or is about to end can't be asked, and is not ours.
        with contextlib.suppress(psutil.Error, OSError):
            owner = process.environ().get(OWNER_VARIABLE)
            if owner and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                yield process, owner


def _lives(owner: str) -> bool:
    try:
        _, pid, created = owner.split(":")
        return identity.is_alive(int(pid), float(created))
    except ValueError:
        return False


def _installation(state_folder: Path) -> str:
    return hashlib.sha256(os.fsencode(state_folder.resolve())).hexdigest()[:16]
