"""A program together with everything that it started: how much it uses, and its end."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOAD = Path("/proc/loadavg")
"""Its fourth word is ``running/all``; see proc(5)."""


@dataclass(frozen=True, kw_only=True)
class TreeLimits:
    """
    What a program and all that it started may use together: processes, and bytes of resident memory.

    Looked at several times a second, as the kernel's own limits count a whole user, and none of root's processes.
    """

    processes: int
    memory_bytes: int

    def exceeded_by(self, pid: int) -> str | None:
        """Say in words what the program uses too much of; None where it keeps within the limits, or is gone."""
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(pid)
            family = [first, *first.children(recursive=True)]
            if len(family) > self.processes:
                return f"it had started more than {self.processes} processes"
            if sum(map(_resident, family)) > self.memory_bytes:
                return f"it used more than {self.memory_bytes // 2**20} MB of memory"
        return None


def running_tasks() -> int:
    """Count the processes and threads of the whole system, at the cost of one read where the system tells it."""
    try:
        return int(_LOAD.read_text(encoding="ascii").split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return len(psutil.pids())


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def kill_children() -> None:
    """Kill everything that this process started, so that whoever waits for it goes on."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()


def kill_tree(pid: int) -> None:
    """Kill a child that leads its own session, its process group and its descendants, with SIGKILL."""
    descendants: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        descendants = psutil.Process(pid).children(recursive=True)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for process in descendants:
        with contextlib.suppress(psutil.Error):
            process.kill()
