"""One round: a core arrives, the victim dies by SIGKILL at a state, and the fix comes to its end all the same."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass, replace

import httpx
import psutil
import psycopg

from tasks.clients.process import STARTER_VARIABLE
from tests.kills.field import Field

VICTIMS = ("up", "watcher", "runner", "build", "postgres")
STATES = ("CRASH_DETECTED", "PARSING", "FIX_GENERATED", "APPLYING_FIX", "COMPILING", "TESTING", "PR_CREATED")
PATIENCE_S = 300.0
SETTLING_S = 180.0
_POLL_S = 0.01
_WAY = (*STATES, "AWAITING_APPROVAL")
_NOW = """
    SELECT coalesce((SELECT state FROM fix ORDER BY id DESC LIMIT 1), (SELECT state FROM dump ORDER BY id DESC LIMIT 1))
"""
_END = """
    SELECT (SELECT count(*) FROM dump), (SELECT count(*) FROM dump WHERE state = 'PARSED'),
           (SELECT count(*) FROM crash), fix.state, fix.lease_until IS NULL,
           (SELECT reason FROM transition WHERE entity = 'fix' ORDER BY id DESC LIMIT 1),
           (SELECT count(*) FROM pull_request), fix.taken_up
    FROM fix ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    What came of one round. ``killed`` names what was killed, empty where the state passed unseen or nothing ran.

    ``lost`` counts dumps without a crash; ``seconds`` are those from the kill to the end.
    """

    victim: str
    state: str
    killed: str = ""
    end: str = ""
    reason: str = ""
    lost: int = 0
    crashes: int = 0
    orphans: tuple[str, ...] = ()
    runs: int = 0
    pull_requests: int = 0
    taken_up: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def is_right(self) -> bool:
        """Say whether the round ended as it must."""
        is_ended = self.end == "AWAITING_APPROVAL" or (self.end == "FAILED" and bool(self.reason))
        is_whole = (self.lost, self.crashes, self.runs) == (0, 1, 0) and self.pull_requests <= 1
        return is_ended and is_whole and not self.orphans


def run(field: Field, victim: str, state: str) -> Row:
    """Play one round; where the state passed unseen it is played once more."""
    row = _run(field, victim, state)
    return row if row.killed or row.note else _run(field, victim, state)


def _run(field: Field, victim: str, state: str) -> Row:
    if field.up is None or field.up.poll() is not None:
        field.start()
    field.clear()
    field.crash()
    row = Row(victim=victim, state=state)
    if _wait_for(field, state):
        killed = _kill(field, victim)
        row = replace(row, killed=killed, note="" if killed else "nothing of that kind runs then")
    else:
        row = replace(row, note="")
    started = time.monotonic()
    if victim == "up":
        assert field.up is not None
        field.up.wait(timeout=30)
        field.start()
    row = _end(field, row)
    return replace(row, seconds=round(time.monotonic() - started, 1), orphans=_orphans(field), runs=_runs(field))


def _wait_for(field: Field, state: str) -> bool:
    """Wait until the fix, or the dump as long as there is no fix, is in a state; False where that passed unseen."""
    wanted = _WAY.index(state)
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(field.postgres.dsn(), autocommit=True) as connection:
        while time.monotonic() < deadline:
            found = connection.execute(_NOW).fetchone()
            now = found[0] if found else None
            if now == state:
                return True
            if now in _WAY and _WAY.index(now) > wanted:
                return False
            time.sleep(_POLL_S)
    raise RuntimeError(f"{state} was not reached in {PATIENCE_S:.0f} s")


def _kill(field: Field, victim: str) -> str:
    """Kill the victim with SIGKILL; return what that was, empty where no such thing runs."""
    if victim == "up":
        assert field.up is not None
        field.up.kill()
        return "up"
    if victim == "postgres":
        pid = int((field.postgres.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)
        return "postmaster"
    if victim == "build":
        return _kill_program(field)
    words = {"watcher": ("deployments.watch",), "runner": ("deployments.runner", "deployments.run_engine")}[victim]
    runs = len(field.runs())
    found = [process for word in words for process in field.processes(word)]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return f"{victim} and {runs} of its runs" if victim == "runner" else victim if found else ""


def _kill_program(field: Field) -> str:
    """Kill what a run has started and waits for, the innermost: a compiler, a test, gdb, git."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        engines = {process.pid for process in field.runs()}
        found = [
            process
            for process, environment in field.marked()
            if STARTER_VARIABLE in environment and any(f"-{pid}-" in environment[STARTER_VARIABLE] for pid in engines)
        ]
        for process in reversed(found):
            with contextlib.suppress(psutil.Error):
                if not process.children():
                    name = process.name()
                    process.kill()
                    return name
        time.sleep(_POLL_S)
    return ""


def _end(field: Field, row: Row) -> Row:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.Error):
            found = field.ask(_END)
            if found and found[0][3] in ("AWAITING_APPROVAL", "FAILED") and found[0][4]:
                dumps, parsed, crashes, state, _, reason, pull_requests, taken_up = found[0]
                files = len(list((field.home / "pull-requests").glob("*.md")))
                return replace(
                    row,
                    end=state,
                    reason=reason,
                    lost=(1 - dumps) + (dumps - parsed),
                    crashes=crashes,
                    pull_requests=max(pull_requests, files),
                    taken_up=taken_up,
                )
        time.sleep(0.2)
    return replace(row, end="none", note=f"no end in {PATIENCE_S:.0f} s")


def _orphans(field: Field) -> tuple[str, ...]:
    """Return what is left over once the net of every minute had its time."""
    deadline = time.monotonic() + SETTLING_S
    while (found := field.orphans()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return tuple(found)


def _runs(field: Field) -> int:
    """Return how many of Prefect's runs never end: those that go on when all had their time."""
    deadline = time.monotonic() + SETTLING_S
    count = 1
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            count = field.runs_going_on()
            if not count:
                return 0
        time.sleep(0.5)
    return count
