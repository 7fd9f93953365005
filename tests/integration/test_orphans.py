"""Who a process is, and what is left running by one that died."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tasks.clients import identity, orphans
from tasks.clients.process import OWNER_VARIABLE

ROOT = Path(__file__).parents[2]
_RUN = "import sys; from tasks.clients import process; process.run(['sleep', '300'], timeout_s=300)"


def start(state_folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that waits for a program of its own, as a run does for a compiler."""
    environment = {**os.environ, OWNER_VARIABLE: orphans.mark(state_folder)}
    return subprocess.Popen([sys.executable, "-c", _RUN], env=environment, cwd=ROOT)


def child_of(pid: int) -> psutil.Process:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [child for child in psutil.Process(pid).children() if child.name() == "sleep"]
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no child was started")


def is_over(process: psutil.Process) -> bool:
    deadline = time.monotonic() + 10
    while identity.is_running(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not identity.is_running(process.pid)


def test_what_a_killed_run_left_running_is_ended_although_its_command_lives(tmp_path: Path) -> None:
    run = start(tmp_path)
    compiler = child_of(run.pid)
    assert 0 == orphans.end_abandoned(tmp_path), "its run lives"
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert identity.is_running(compiler.pid)
    assert 0 == orphans.end_abandoned(tmp_path / "another installation")
    assert 1 == orphans.end_abandoned(tmp_path)
    assert is_over(compiler)


def test_a_name_tells_whether_its_bearer_is_dead_and_of_other_places_nothing() -> None:
    child = subprocess.Popen(["sleep", "300"])
    name = f"{identity.place()}-{child.pid}-{psutil.Process(child.pid).create_time():.2f}"
    assert not identity.is_known_dead(name)
    child.kill()
    child.wait()
    assert identity.is_known_dead(name)
    assert not identity.is_known_dead(name.replace(identity.place(), "elsewhere"))


def test_a_number_that_was_given_again_is_not_the_same_process() -> None:
    assert not identity.is_known_dead(identity.own())
    assert identity.is_known_dead(f"{identity.place()}-{os.getpid()}-1.00")


@pytest.mark.parametrize("name", ["", "no-name", "a-b-c-d", f"{identity.place()}-x-1"])
def test_what_is_no_name_is_nobodys_death(name: str) -> None:
    assert not identity.is_known_dead(name)
