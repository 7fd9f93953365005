"""One Prefect server and one `crashflow demo` for the session: real compiler, real cores, a local bare remote."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import filelock
import httpx
import psutil
import pytest

from db import embedded
from db.settings import Settings
from deployments import prefect_services
from deployments.walkthrough import TOOLS
from tasks.clients import orphans, tools
from tasks.core.configuration import Configuration

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A state folder of its own, and the command line that works in it."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def crashflow(
        self, *words: str | Path, cwd: Path = PROJECT, timeout_s: float = 280, path: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line in a process of its own, as a user does."""
        environment = self._environment() | ({"PATH": path} if path is not None else {})
        return subprocess.run(
            self._command(words),
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start the command line and let it run."""
        return subprocess.Popen(
            self._command(words),
            cwd=PROJECT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def _command(words: Sequence[str | Path]) -> list[str]:
        return [sys.executable, "-m", "deployments.cli", *map(str, words)]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CRASHFLOW_"))}
        return {**kept, "CRASHFLOW_HOME": str(self.home), **self.variables}

    def sql(self, query: str) -> list[list[str]]:
        """Ask the crash database through `crashflow db psql`."""
        result = self.crashflow("db", "psql", "-AtF", "\t", "-c", query)
        assert 0 == result.returncode, result.stderr
        return [line.split("\t") for line in result.stdout.splitlines()]


@dataclass(frozen=True, kw_only=True)
class Prefect:
    """What a person sees in Prefect, through its REST API."""

    url: str

    def flow_runs(self, flow: str) -> list[dict[str, Any]]:
        return self._filter("flow_runs", {"flows": {"name": {"any_": [flow]}}})

    def task_states(self, flow_run_id: str) -> dict[str, str]:
        """Return the state of each task by its name, without Prefect's suffix."""
        runs = self._filter("task_runs", {"flow_runs": {"id": {"any_": [flow_run_id]}}})
        return {run["name"].rsplit("-", 1)[0]: run["state"]["type"] for run in runs}

    def subflow_runs(self, flow_run_id: str) -> list[dict[str, Any]]:
        return self._filter("flow_runs", {"flow_runs": {"parent_flow_run_id": {"any_": [flow_run_id]}}})

    def artifacts(self) -> set[str]:
        return {artifact["key"] for artifact in self._filter("artifacts", {})}

    def events(self) -> set[str]:
        body = {"filter": {"event": {"prefix": ["crashflow."]}}}
        answer = httpx.post(f"{self.url}/events/filter", json=body, timeout=10).raise_for_status().json()
        return {event["event"] for event in answer["events"]}

    def _filter(self, noun: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = (
            httpx.post(f"{self.url}/{noun}/filter", json=body, timeout=10).raise_for_status().json()
        )
        return answer


def missing_tools() -> list[str]:
    return [name for name in TOOLS if tools.find(name).find() is None]


@pytest.fixture(scope="session")
def build_tools() -> None:
    if missing := missing_tools():
        pytest.skip(f"needs {', '.join(missing)}")


def prefect_database() -> Path:
    """Return an empty database of Prefect's, made once for each version: its migrations take a quarter of a minute."""
    kept = PROJECT / ".pytest_cache" / "d" / "crashflow" / f"prefect-{version('prefect')}.db"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(kept.with_suffix(".lock")), tempfile.TemporaryDirectory() as home:
        if not kept.exists():
            command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
            subprocess.run(command, env={**os.environ, "PREFECT_HOME": home}, capture_output=True, check=True)
            whole = kept.with_suffix(".new")
            with (
                contextlib.closing(sqlite3.connect(Path(home, "prefect.db"))) as made,
                contextlib.closing(sqlite3.connect(whole)) as copy,
            ):
                made.backup(copy)
            whole.rename(kept)
    return kept


def make_installation(variables: Mapping[str, str] | None = None) -> Installation:
    """A folder that the account of an embedded Postgres can reach: pytest's own are closed to other accounts."""
    home = Path(tempfile.mkdtemp(prefix="crashflow-e2e-"))
    home.chmod(0o711)
    (home / "prefect").mkdir(mode=0o700)
    shutil.copy(prefect_database(), home / "prefect" / "prefect.db")
    return Installation(home=home, variables=variables or {})


def remove_installation(installation: Installation) -> None:
    embedded.locate(installation.home).stop()
    shutil.rmtree(installation.home, ignore_errors=True)


@pytest.fixture(scope="session")
def prefect(build_tools: None) -> Iterator[Prefect]:
    installation = make_installation()
    settings = Settings(configuration=Configuration(), state_folder=installation.home)
    with prefect_services.prefect_server(settings) as api:
        yield Prefect(url=api.url)
    shutil.rmtree(installation.home, ignore_errors=True)


@pytest.fixture(scope="session")
def installation(prefect: Prefect) -> Iterator[Installation]:
    made = make_installation({"PREFECT_API_URL": prefect.url})
    yield made
    remove_installation(made)


@dataclass(frozen=True, kw_only=True)
class DemoRun:
    """What `crashflow demo --json` printed, and the installation in which it lies."""

    installation: Installation
    result: dict[str, Any]

    @property
    def fix(self) -> dict[str, Any]:
        fix: dict[str, Any] = self.result["fixes"][0]
        return fix


@pytest.fixture(scope="session")
def demo(installation: Installation) -> DemoRun:
    done = installation.crashflow("demo", "--json")
    assert 0 == done.returncode, done.stderr
    return DemoRun(installation=installation, result=json.loads(done.stdout))


def left_over(home: Path) -> list[psutil.Process]:
    """Return what runs of all that an installation's commands have started, but for its Postgres."""
    prefix = orphans._installation(home) + ":"
    return [process for process, owner in orphans._marked() if owner.startswith(prefix)]


def run(command: Sequence[str | Path], cwd: Path) -> int:
    """Run a program quietly; return its exit code, negative for a signal."""
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False, timeout=200).returncode
