"""A running `crashflow up` on a copy of the demo's project that builds fast, and what a person can see of it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from db import embedded, servers, session
from db.embedded import EmbeddedPostgres
from db.settings import Settings
from deployments import presence, walkthrough
from deployments.walkthrough import SERVER, Demo
from tasks.clients import identity
from tasks.clients.process import OWNER_VARIABLE, STARTER_VARIABLE
from tasks.core.configuration import Configuration
from tasks.core.conventions import BRANCH_PREFIX
from tests import sample_server

PROJECT = Path(__file__).resolve().parents[2]
START_S = 180


@dataclass(kw_only=True)
class Field:
    """The folder of one installation, and its `up` while one runs."""

    home: Path
    up: "subprocess.Popen[bytes] | None" = None
    core: Path = field(init=False)

    @property
    def demo(self) -> Demo:
        return Demo(folder=self.home / "demo")

    @property
    def postgres(self) -> EmbeddedPostgres:
        return embedded.locate(self.home)

    def lay_out(self) -> None:
        """Make project, clone and configuration, build the server, and let it leave its core."""
        self.core = sample_server.leave_core(sample_server.lay_out(self.home))

    def start(self) -> None:
        """Start `up` and wait until it tells its address."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CRASHFLOW_"))}
        log = self.home / "up.log"
        before = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self.up = subprocess.Popen(
                [sys.executable, "-m", "deployments.cli", "--config", str(self.demo.folder / "crashflow.toml"), "up"],
                cwd=PROJECT,
                env={**kept, "CRASHFLOW_HOME": str(self.home)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while b"export PREFECT_API_URL=" not in log.read_bytes()[before:]:
            if self.up.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"`up` did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)

    def end(self, number: int = signal.SIGTERM) -> None:
        """End `up` in order, and wait for it."""
        if self.up is not None:
            self.up.send_signal(number)
            self.up.wait(timeout=90)
            self.up = None

    def clear(self) -> None:
        """Forget all crashes, fixes and pull requests, so that the next round is the first."""
        for path in (*self.demo.crashes.iterdir(), *(self.home / "pull-requests").glob("*.md")):
            path.unlink()
        database = session.connect(self._settings)
        with database.transaction() as transaction:
            servers.forget(transaction, SERVER)
        database.close()
        for repository in (self.demo.remote, self.demo.clone):
            for branch in branches(repository):
                walkthrough._git(repository, "branch", "--quiet", "-D", branch)

    def crash(self) -> None:
        """Leave a core in the watched folder, as a kernel does."""
        target = self.demo.crashes / "core.1"
        shutil.copy(self.core, target.with_name(".copy"))
        target.with_name(".copy").rename(target)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the crash database; it may be away for a moment."""
        with psycopg.connect(self.postgres.dsn(), connect_timeout=5) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]

    def marked(self) -> Iterator[tuple[psutil.Process, dict[str, str]]]:
        """Return our processes with their environments: those that carry the mark of this state folder."""
        for process in psutil.process_iter():
            try:
                environment = process.environ()
                is_ours = environment.get("CRASHFLOW_HOME") == str(self.home) or str(self.home) in environment.get(
                    "TMPDIR", ""
                )
                if is_ours and OWNER_VARIABLE in environment and process.status() != psutil.STATUS_ZOMBIE:
                    yield process, environment
            except (psutil.Error, OSError):
                continue

    def processes(self, word: str) -> list[psutil.Process]:
        """Return our processes with a word in their command line."""
        return [process for process, _ in self.marked() if word in _command(process)]

    def runs(self) -> list[psutil.Process]:
        """Return the forks of the runner in which runs take place: all but the first, which is its worker."""
        family = self.processes("deployments.runner")
        numbers = {process.pid for process in family}
        with contextlib.suppress(psutil.Error):
            forks = [process for process in family if process.ppid() in numbers]
            return sorted(forks, key=lambda process: process.create_time())[1:]
        return []

    def runs_going_on(self) -> int:
        """Return how many of Prefect's runs count as going on."""
        running = presence.find(self.home)
        if running is None or running.api is None:
            return 0
        body = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
        found = httpx.post(f"{running.api}/flow_runs/count", json=body, timeout=10).raise_for_status().json()
        return int(found)

    def orphans(self) -> list[str]:
        """Return what has no living owner: processes, worktrees, locks, unpublished branches, temporary folders."""
        found = [f"process {_command(p)[:60]}" for p, environment in self.marked() if _is_abandoned(environment)]
        found += [f"worktree {path.name}" for path in (self.home / "worktrees").glob("*")]
        admin = self.demo.clone / ".git" / "worktrees"
        found += [f"git's worktree {path.name}" for path in admin.glob("*")]
        for repository in (self.demo.clone / ".git", self.demo.remote):
            found += [f"lock {path.name}" for path in repository.rglob("*.lock")]
        published = set(branches(self.demo.remote))
        found += [f"branch {branch}" for branch in branches(self.demo.clone) if branch not in published]
        found += [f"temp {path.name}" for path in (self.home / "tmp").glob("*") if identity.is_known_dead(path.name)]
        return found

    @property
    def _settings(self) -> Settings:
        return Settings(configuration=Configuration(), state_folder=self.home)


@contextmanager
def opened() -> Iterator[Field]:
    """Give a field with a built server for the block; everything of it is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="crashflow-kills-"))
    home.chmod(0o711)
    place = Field(home=home)
    try:
        place.lay_out()
        yield place
    finally:
        if place.up is not None and place.up.poll() is None:
            place.end()
        for process, _ in place.marked():
            process.kill()
        place.postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def branches(repository: Path) -> list[str]:
    """Return the branches under our prefix."""
    words = ["git", "for-each-ref", "--format=%(refname:short)", f"refs/heads/{BRANCH_PREFIX}"]
    return subprocess.run(words, cwd=repository, capture_output=True, text=True, check=True).stdout.split()


def _is_abandoned(environment: dict[str, str]) -> bool:
    _, pid, created = environment[OWNER_VARIABLE].split(":")
    starter = environment.get(STARTER_VARIABLE, "")
    return not identity.is_alive(int(pid), float(created)) or identity.is_known_dead(starter)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
