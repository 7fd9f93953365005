"""
A name for a process that no other process has, on any machine and at any time, and whether its bearer still lives.

Numbers of processes are given again, and containers each count their own: so the name tells when the process began, and
in which boot and process namespace its number counts.
"""

import functools
import hashlib
import os
import socket
from pathlib import Path

import psutil

CLOCK_TOLERANCE_S = 1.5


def own() -> str:
    """Return the name of this process, ``<place>-<number>-<seconds of the epoch at which it began>``."""
    return f"{place()}-{os.getpid()}-{psutil.Process().create_time():.2f}"


@functools.cache
def place() -> str:
    """Return a short name of where numbers of processes mean what they mean to us."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        where = f"{boot} {Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        where = socket.gethostname()
    return hashlib.sha256(where.encode()).hexdigest()[:12]


def is_running(pid: int) -> bool:
    """Say whether a process of this number runs; one that has ended and waits to be collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def is_alive(pid: int, created: float) -> bool:
    """Say whether the very process lives that had this number and began at this time (seconds of the epoch)."""
    try:
        is_same = abs(psutil.Process(pid).create_time() - created) < CLOCK_TOLERANCE_S
    except psutil.Error:
        return False
    return is_same and is_running(pid)


def is_known_dead(name: str) -> bool:
    """Say whether the bearer of a name is dead for sure; of another place that can't be known."""
    try:
        where, pid, created = name.split("-")
        return where == place() and not is_alive(int(pid), float(created))
    except ValueError:
        return False
