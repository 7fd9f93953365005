"""
Where a running ``crashflow up`` tells other commands of its installation that it is there, and where its Prefect is.

A small file in the state folder; the lock beside it says who may write it.
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tasks.clients import identity
from tasks.clients.files import write_atomically

FILE_NAME = "up.json"
LOCK_NAME = "up.lock"


@dataclass(frozen=True, kw_only=True)
class Presence:
    """
    One running ``up``: its process, when that began (seconds of the epoch), and its Prefect API's URL.

    ``api`` is None while it starts.
    """

    pid: int
    created: float
    api: str | None = None

    @property
    def ui(self) -> str | None:
        """Where a person looks."""
        return self.api.removesuffix("/api") if self.api else None


def announce(state_folder: Path, api: str | None) -> None:
    """Tell that this process is the ``up`` of the state folder."""
    process = psutil.Process()
    presence = Presence(pid=process.pid, created=process.create_time(), api=api)
    write_atomically(state_folder / FILE_NAME, json.dumps(asdict(presence)).encode(), mode=0o644)


def withdraw(state_folder: Path) -> None:
    """Tell that there is no ``up`` any more."""
    (state_folder / FILE_NAME).unlink(missing_ok=True)


def find(state_folder: Path) -> Presence | None:
    """Return the ``up`` that runs for a state folder; None where there is none, or where it died without a word."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        presence = Presence(**json.loads((state_folder / FILE_NAME).read_bytes()))
        if identity.is_alive(presence.pid, presence.created):
            return presence
    return None
