"""Runs that are forked from a runner: where they take place, how they end, and who outlives whom."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from deployments.run_engine import ADDRESS_VARIABLE
from tasks.clients.process import end_service

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux only")

ROOT = Path(__file__).parents[2]
CLIENT = (sys.executable, "-m", "deployments.run_engine")
CODE = "PREFECT__CODE"
"""What a run of these tests does."""

_SERVER = f"""
import os, pathlib, signal, sys, time
from deployments import run_forks

def work():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
    pathlib.Path(sys.argv[1], "worker").write_text(str(os.getpid()))
    pathlib.Path(sys.argv[1], "address").write_text(os.environ["{ADDRESS_VARIABLE}"])
    time.sleep(300)

def run():
    exec(os.environ["{CODE}"])

run_forks.serve(work, run=run, modules=("wave",))()
"""


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A runner whose runs do what their variables say."""

    process: psutil.Popen
    worker: int
    environment: dict[str, str]

    def start(self, code: str, folder: Path = ROOT, **more: str) -> "subprocess.Popen[str]":
        """Start what a worker starts."""
        return subprocess.Popen(
            CLIENT,
            cwd=folder,
            env={**self.environment, CODE: code, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, folder: Path = ROOT, **more: str) -> tuple[int, str]:
        """Have a run take place; return its code, and what it wrote."""
        client = self.start(code, folder, **more)
        output, errors = client.communicate(timeout=60)
        return client.returncode, output + errors


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with started(tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Runner]:
    """A runner that its test ends."""
    with started(tmp_path) as made:
        yield made


@contextmanager
def started(home: Path) -> Iterator[Runner]:
    folder = home / ("a folder whose name is far longer than a socket's may be " * 3)
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment = {**kept, "PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    process = psutil.Popen([sys.executable, "-c", _SERVER, str(home)], env=environment, start_new_session=True)
    try:
        until_file(home / "address")
        address = (home / "address").read_text()
        worker = int((home / "worker").read_text())
        yield Runner(process=process, worker=worker, environment={**environment, ADDRESS_VARIABLE: address})
    finally:
        end_service(process, stop_timeout_s=0)


def until_file(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_over(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_run_takes_place_in_a_fork_with_the_folder_variables_and_streams_of_who_asked(
    runner: Runner, tmp_path: Path
) -> None:
    code = "import os, sys; print(os.getppid(), os.getcwd(), 'wave' in sys.modules, os.environ['PREFECT__NAME'])"
    end, output = runner.run(code, tmp_path, PREFECT__NAME="of this run")
    assert (0, f"{runner.process.pid} {tmp_path} True of this run\n") == (end, output)
    assert "PREFECT__NAME" not in runner.run("import os; print(list(os.environ))")[1], "the next run has its own"


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("pass", 0),
        ("import sys; sys.exit(3)", 3),
        ("raise ValueError('as it may')", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.abort()", -6),
    ],
)
def test_who_asked_ends_as_the_run_does(runner: Runner, code: str, end: int) -> None:
    assert end == runner.run(code)[0]


def test_many_runs_at_once_are_kept_apart(runner: Runner) -> None:
    code = "import os, sys, time; time.sleep(0.3); name = os.environ['PREFECT__NAME']; print(name); sys.exit(int(name))"
    clients = [runner.start(code, PREFECT__NAME=str(number)) for number in range(12)]
    ends = [(client.communicate(timeout=60)[0], client.returncode) for client in clients]
    assert [(f"{number}\n", number) for number in range(12)] == ends
    time.sleep(0.2)
    assert [runner.worker] == [child.pid for child in runner.process.children()], "all were collected"


def passes_on(pid: int, number: signal.Signals) -> bool:
    """Say whether a process has a handler of its own for a signal, as proc(5) tells it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def test_a_signal_reaches_the_run(runner: Runner) -> None:
    handler = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7))"
    client = runner.start(f"{handler}; print('ready', flush=True); time.sleep(60)")
    assert client.stdout is not None
    assert "ready\n" == client.stdout.readline()
    # The fork may be ready before whoever asked for it knows its number; until then it ends by the signal itself.
    deadline = time.monotonic() + 30
    while not passes_on(client.pid, signal.SIGTERM):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    client.terminate()
    assert 7 == client.wait(timeout=30)


def test_a_run_does_not_outlive_who_asked_for_it(runner: Runner) -> None:
    client = runner.start("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    assert client.stdout is not None
    run = int(client.stdout.readline())
    client.kill()
    client.wait()
    assert is_over(run)


def test_a_run_outlives_a_runner_that_is_killed_and_its_worker_ends(mortal: Runner, tmp_path: Path) -> None:
    code = (
        "import os, pathlib, time; print(os.getpid(), flush=True); time.sleep(1); pathlib.Path('done').write_text('x')"
    )
    client = mortal.start(code, tmp_path)
    assert client.stdout is not None
    run = int(client.stdout.readline())
    mortal.process.kill()
    assert is_over(mortal.worker)
    until_file(tmp_path / "done")
    assert is_over(run)
    assert 1 == client.wait(timeout=30)
    assert client.stderr is not None
    assert "how the run ended is in its state" in client.stderr.read()


def test_a_runner_ends_when_its_worker_does_and_as_that_did(mortal: Runner) -> None:
    mortal.process.terminate()
    assert 5 == mortal.process.wait(timeout=30)
    assert not Path(mortal.environment[ADDRESS_VARIABLE]).parent.exists()


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"PREFECT_LOGGING_LEVEL": "DEBUG"}, id="a variable of its own"),
        pytest.param({ADDRESS_VARIABLE: "/nowhere/socket"}, id="there is no runner"),
        pytest.param({ADDRESS_VARIABLE: ""}, id="the worker is no runner of ours"),
    ],
)
def test_else_the_run_takes_place_in_the_process_that_the_worker_started(runner: Runner, more: dict[str, str]) -> None:
    end, output = runner.run("print('in a fork')", **more)
    assert 1 == end
    assert "Invalid flow run id" in output, "Prefect's engine says that, which was told of no run"
    assert "in a fork" not in output


def test_what_is_no_request_changes_nothing(runner: Runner) -> None:
    program = (
        "import os, socket; s = socket.socket(socket.AF_UNIX);"
        f" folder, name = os.path.split(os.environ['{ADDRESS_VARIABLE}']);"
        " os.chdir(folder); s.connect(name); s.sendall(b'GET '); print(s.recv(9))"
    )
    told = subprocess.run([sys.executable, "-c", program], env=runner.environment, capture_output=True, check=True)
    assert b"b''\n" == told.stdout
    assert 3 == runner.run("import sys; sys.exit(3)")[0]
    assert runner.process.is_running()


def test_sigint_is_for_the_worker_alone(mortal: Runner) -> None:
    client = mortal.start("import time; print('ready', flush=True); time.sleep(0.5)")
    assert client.stdout is not None
    client.stdout.readline()
    mortal.process.send_signal(signal.SIGINT)
    assert 5 == mortal.process.wait(timeout=30)
    assert client.wait(timeout=30) in {0, 1}
