"""Services of our own: started again when they die, ended with what they started, found when their owner is gone."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from db.overview import Overview
from deployments import presence, status
from deployments.prefect_services import Program
from deployments.status import ServiceLine, Status
from deployments.supervisor import Supervisor
from tasks.clients import orphans, process

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
FAMILY = (
    sys.executable,
    "-c",
    (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True); open(sys.argv[1], 'w').write(str(p.pid)); time.sleep(60)"
    ),
)


def until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def program(tmp_path: Path, *argv: str, owner: str = "") -> Program:
    environment = {process.OWNER_VARIABLE: owner} if owner else {}
    return Program(name="sleeper", argv=argv or SLEEP, log=tmp_path / "logs" / "sleeper.log", environment=environment)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(told: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(told.append)
    yield made
    made.stop(lambda: 1.0)


def test_a_service_that_dies_is_started_again_after_a_pause(
    supervisor: Supervisor, told: list[str], tmp_path: Path
) -> None:
    service = supervisor.start(program(tmp_path))
    first = service.pid
    assert service.child is not None
    service.child.kill()
    until(lambda: supervisor.tend() is None and service.state == "waiting")
    until(lambda: supervisor.tend() is None and service.state == "running")
    assert first != service.pid
    assert "killed by signal 9" in told[0]
    assert "started again in 1 s" in told[0]


def test_each_failure_makes_the_pause_longer(supervisor: Supervisor, told: list[str], tmp_path: Path) -> None:
    service = supervisor.start(program(tmp_path, sys.executable, "-c", "raise SystemExit(3)"))
    until(lambda: supervisor.tend() is None and service.failures == 2)
    assert ["exit code 3", "exit code 3"] == [
        line[line.index("(") + 1 : line.index(")")] for line in told if "ended" in line
    ]
    assert "in 2 s" in told[-1]


def test_the_end_of_a_service_is_the_end_of_what_left_its_session(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    child = process.start_service([*FAMILY, str(noted)], log=tmp_path / "log")
    until(lambda: noted.exists() and noted.read_text().isdigit())
    grandchild = int(noted.read_text())
    process.end_service(child, stop_timeout_s=5)
    until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


def test_what_a_dead_owner_left_is_ended_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    installation = orphans.mark(tmp_path).partition(":")[0]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = process.start_service(
        SLEEP, log=tmp_path / "log", environment={process.OWNER_VARIABLE: f"{installation}:{gone.pid}:1.00"}
    )
    held = process.start_service(
        SLEEP, log=tmp_path / "log", environment={process.OWNER_VARIABLE: orphans.mark(tmp_path)}
    )
    try:
        assert 1 == orphans.end_orphans(tmp_path)
        assert -9 == left.wait(timeout=10)
        assert held.poll() is None
        assert 1 == orphans.end_own(tmp_path)
        assert -9 == held.wait(timeout=10)
    finally:
        process.end_service(held, stop_timeout_s=0)


def test_another_installations_processes_are_left_alone(tmp_path: Path) -> None:
    other = process.start_service(
        SLEEP, log=tmp_path / "log", environment={process.OWNER_VARIABLE: "0123456789abcdef:1:1.00"}
    )
    try:
        assert 0 == orphans.end_orphans(tmp_path)
        assert other.poll() is None
    finally:
        process.end_service(other, stop_timeout_s=0)


def test_a_presence_is_that_of_a_living_process(tmp_path: Path) -> None:
    presence.announce(tmp_path, "http://127.0.0.1:4200/api")
    found = presence.find(tmp_path)
    assert found is not None
    assert (os.getpid(), "http://127.0.0.1:4200") == (found.pid, found.ui)
    (tmp_path / presence.FILE_NAME).write_text(f'{{"pid": {os.getpid()}, "created": 5.0, "api": null}}')
    assert None is presence.find(tmp_path)
    (tmp_path / presence.FILE_NAME).write_text("{")
    assert None is presence.find(tmp_path)
    presence.withdraw(tmp_path)
    assert None is presence.find(tmp_path)


def test_the_screen_shows_everything_a_person_needs() -> None:
    now = datetime.now(tz=UTC)
    shown = Status(
        services=[ServiceLine(name="runner", pid=42, state="running", since=now)],
        folders=[("game", "/srv/game/crashes")],
        overview=Overview(waiting_dumps=3, failed_dumps=1, crashes=17, open_fixes={"COMPILING": 2}),
    )
    console = Console(file=StringIO(), width=160, record=True)
    address = status.address_lines("http://127.0.0.1:4200/api")
    console.print(status.render(shown, address, [(now, "fix 1: [bold]COMPILING\x1b[2J")]))
    text = console.export_text()
    for words in (
        "Prefect UI: http://127.0.0.1:4200",
        "export PREFECT_API_URL=http://127.0.0.1:4200/api",
        "42",
        "game: /srv/game/crashes",
        "3 waiting, 1 unreadable",
        "crashes   17",
        "2 COMPILING",
        "fix 1: [bold]COMPILING\\x1b[2J",
    ):
        assert words in text
