"""`crashflow up`: everything starts, a core in a watched folder becomes a draft pull request, all of it goes down."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deployments import presence
from deployments.catalogue import POOL, QUEUES
from tests import sample_server
from tests.e2e.conftest import PROJECT, Installation, Prefect, left_over, make_installation, remove_installation

pytestmark = pytest.mark.slow

PATIENCE_S = 600


@dataclass(frozen=True, kw_only=True)
class Up:
    """A running `crashflow up` on a copy of the demo's project."""

    installation: Installation
    process: subprocess.Popen[str]
    api: str

    @property
    def folder(self) -> Path:
        return self.installation.home / "demo"

    def prefect(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Prefect's own command with the printed variable, as a person does in another shell."""
        environment = {**os.environ, "PREFECT_API_URL": self.api, "NO_COLOR": "1", "COLUMNS": "200"}
        command = [sys.executable, "-m", "prefect", *words]
        return subprocess.run(
            command, env=environment, cwd="/", capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )


def start(installation: Installation) -> Up:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CRASHFLOW_"))}
    configuration = installation.home / "demo" / "crashflow.toml"
    process = subprocess.Popen(
        [sys.executable, "-m", "deployments.cli", "--config", str(configuration), "up"],
        cwd=PROJECT,
        env={**kept, "CRASHFLOW_HOME": str(installation.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith("export PREFECT_API_URL="):
            return Up(installation=installation, process=process, api=line.strip().partition("=")[2])
    raise AssertionError("".join(told))


def until(is_true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


@pytest.fixture(scope="module")
def up(build_tools: None) -> Iterator[Up]:
    installation = make_installation()
    sample_server.leave_core(sample_server.lay_out(installation.home))
    running = start(installation)
    yield running
    running.process.send_signal(signal.SIGTERM)
    running.process.communicate(timeout=60)
    remove_installation(installation)


def test_a_core_in_a_watched_folder_comes_to_a_draft_without_another_command(up: Up) -> None:
    core = next((up.folder / "kept").glob("core.null*"))
    shutil.copy(core, up.folder / "crashes")
    query = "select fix_state, pull_request from crash_history"
    until(lambda: any(row[0] == "AWAITING_APPROVAL" for row in up.installation.sql(query)), "no draft was opened")
    ((_, address),) = up.installation.sql(query)
    assert address.startswith("file:")
    (fix_run,) = Prefect(url=up.api).flow_runs("fix-pattern")
    assert "high" == fix_run["work_queue_name"]


def test_a_crash_is_reanalysed_from_another_shell(up: Up) -> None:
    core = next((up.folder / "kept").glob("core.null*"))
    configuration = up.folder / "crashflow.toml"
    ingested = up.installation.crashflow("--config", configuration, "ingest", core, "--json")
    assert 0 == ingested.returncode, ingested.stderr
    crash_id = json.loads(ingested.stdout)["crashes"][0]["crash"]
    up.installation.sql(f"update crash set signature = 'an older name' where id = {crash_id}")
    done = up.prefect("deployment", "run", "reanalyze/default", "--param", f"crash_id={crash_id}", "--watch")
    assert 0 == done.returncode, done.stdout + done.stderr
    history = up.installation.sql("select before ->> 'signature' from crash_revision")
    assert ["an older name"] in history
    assert [] == up.installation.sql("select 1 from crash where signature = 'an older name'")


def test_what_can_not_be_reanalysed_is_one_sentence(up: Up) -> None:
    done = up.prefect("deployment", "run", "reanalyze/default", "--param", "crash_id=9999", "--watch")
    assert 1 == done.returncode
    assert "There is no crash 9999." in " ".join(done.stdout.split())
    assert "Traceback" not in done.stdout + done.stderr


def test_prefect_yaml_registers_the_same_deployments(up: Up) -> None:
    done = up.prefect("--no-prompt", "deploy", "--prefect-file", str(PROJECT / "deployments/prefect.yaml"), "--all")
    assert 0 == done.returncode, done.stdout + done.stderr
    shown = up.prefect("deployment", "inspect", "ingest-dumps/every-minute", "--output", "json")
    deployment = json.loads(shown.stdout)
    assert ("flows.ingest.ingest_dumps", "short") == (deployment["entrypoint"], deployment["work_queue_name"])
    assert not deployment["pull_steps"]


def test_the_pools_queues_stand_in_the_order_of_their_urgency(up: Up) -> None:
    answer = httpx.post(f"{up.api}/work_pools/{POOL}/queues/filter", json={}, timeout=10).raise_for_status().json()
    ordered = [queue["name"] for queue in sorted(answer, key=lambda queue: queue["priority"])]
    assert list(QUEUES) == [name for name in ordered if name in QUEUES]


def test_a_second_up_says_who_runs(up: Up) -> None:
    second = up.installation.crashflow("--config", up.folder / "crashflow.toml", "up")
    assert 1 == second.returncode
    assert f"process {up.process.pid}" in second.stderr.replace("\n", " ")
    assert up.api.removesuffix("/api") in second.stderr.replace("\n", "")


def test_a_killed_runner_is_started_again(up: Up) -> None:
    def runners() -> list[int]:
        """Return the runner and its forks, the runner first."""
        found = [process for process in left_over(up.installation.home) if "deployments.runner" in process.cmdline()]
        return [process.pid for process in sorted(found, key=lambda process: process.create_time())]

    before = runners()
    assert len(before) > 1
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(runners()) > 1 and not set(before) & set(runners()), "no runner came back")


def test_a_killed_up_leaves_nothing_and_a_second_start_and_end_neither(up: Up) -> None:
    """Runs last: it ends the module's `up` and starts another."""
    home = up.installation.home
    up.process.kill()
    up.process.wait()
    until(lambda: not left_over(home), "processes live on")
    until(lambda: not list((home / "postgres" / "run").iterdir()), "Postgres lives on")
    again = start(up.installation)
    assert presence.find(home) is not None
    again.process.send_signal(signal.SIGINT)
    again.process.communicate(timeout=60)
    assert [] == left_over(home)
    assert None is presence.find(home)
    assert not (home / "up.json").exists()
    assert [] == list((home / "postgres" / "run").iterdir())
