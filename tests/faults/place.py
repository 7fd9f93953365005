"""One installation with the demo's server and its cores, in which one fault after the other is made."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from db import embedded, migrate, servers, session
from db.settings import Settings
from deployments import prefect_services, walkthrough
from deployments.walkthrough import KNOWN, NOVEL, SERVER, Demo
from tasks.core.configuration import Configuration
from tasks.core.conventions import BRANCH_PREFIX
from tests import sample_server
from tests.faults.edits import Edit

PROJECT = Path(__file__).resolve().parents[2]
OTHER = "ghost-aura"
"""A second scenario whose defect a template repairs."""

Value = int | str | tuple[str, ...]
"""What a key of crashflow.toml can hold here."""

CANARY = "canary-of-the-faults-4711"
"""A secret in the environment of the processes that fix, which no build may see."""

_COMMAND_S = 280


@dataclass(frozen=True, kw_only=True)
class Place:
    """The installation's folder and the address of its Prefect server."""

    home: Path
    api: str

    @property
    def demo(self) -> Demo:
        return Demo(folder=self.home / "demo")

    @property
    def worktrees(self) -> Path:
        return self.home / "worktrees"

    def core(self, scenario: str = KNOWN) -> Path:
        return self.demo.folder / "kept" / f"core.{scenario}"

    def configure(
        self, build: Mapping[str, Value] | None = None, source: Mapping[str, Value] | None = None, analyst: str = ""
    ) -> Path:
        """Write a configuration with other values for the build, the source or the analyst; return its path."""
        text = (self.demo.folder / "crashflow.toml").read_text(encoding="utf-8")
        for table, values in (("source", source or {}), ("build", build or {})):
            for key, value in values.items():
                text = re.sub(rf"^{key} = .*\n", "", text, flags=re.MULTILINE)
                written = value if isinstance(value, int) else walkthrough._toml(value)
                text = text.replace(f"[server.{table}]\n", f"[server.{table}]\n{key} = {written}\n")
        file = self.demo.folder / "fault.toml"
        file.write_text(text + analyst, encoding="utf-8")
        return file

    def crashflow(self, configuration: Path, *words: str | Path) -> dict[str, Any]:
        """Run the command line as a user does; return what it printed as JSON, empty where it printed none."""
        return self._json("deployments.cli", "--config", configuration, *words, "--json")

    def steer(self, configuration: Path, core: Path | str, edits: Sequence[Edit] = ()) -> dict[str, Any]:
        """Follow a core in one process, its proposer steered to edits; return what ``crashflow run --json`` prints."""
        written = json.dumps([asdict(edit) for edit in edits])
        return self._json("tests.faults.steered", core, written, CRASHFLOW_CONFIG=str(configuration))

    def report(self, fix_id: object) -> str:
        """Return the report of a fix, which is its artifact, too."""
        file = self.home / "reports" / f"fix-{fix_id}.md"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _json(self, module: str, *words: str | Path, **environment: str) -> dict[str, Any]:
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(
            [*map(str, command)],
            cwd=PROJECT,
            env=self._environment() | environment,
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )
        lines = done.stdout.strip().splitlines()
        found: dict[str, Any] = json.loads(lines[-1]) if lines else {"error": done.stderr.strip().splitlines()[-1:]}
        return found

    def clear(self) -> None:
        """Forget all crashes, fixes and pull requests, and what was pushed since the demo was laid out."""
        database = session.connect(Settings(configuration=Configuration(), state_folder=self.home))
        migrate.upgrade(database)
        with database.transaction() as transaction:
            servers.forget(transaction, SERVER)
        database.close()
        for draft in (self.home / "pull-requests").glob("*.md"):
            draft.unlink()
        # What a row left must not spoil the next one; the row itself has said so.
        for left in self.worktrees.glob("*"):
            shutil.rmtree(left, ignore_errors=True)
        walkthrough._git(self.demo.clone, "worktree", "prune")
        for repository in (self.demo.remote, self.demo.clone):
            for branch in branches(repository):
                walkthrough._git(repository, "branch", "--quiet", "-D", branch)
        # A row may have moved the base branch of the remote, to which others push.
        walkthrough._git(self.demo.remote, "fetch", "--quiet", "--force", str(self.demo.clone), "main:main")

    def remains(self) -> list[str]:
        """Return what a fix that ended must not leave: worktrees, lock files, processes in a worktree."""
        found = [f"worktree {path.name}" for path in self.worktrees.glob("*")]
        found += [f"git's worktree {path.name}" for path in (self.demo.clone / ".git" / "worktrees").glob("*")]
        for repository in (self.demo.clone / ".git", self.demo.remote):
            found += [f"lock {path.name}" for path in repository.rglob("*.lock")]
        for process in psutil.process_iter(["cwd", "name"]):
            if process.info["cwd"] and Path(process.info["cwd"]).is_relative_to(self.worktrees):
                found.append(f"process {process.info['name']}")
        return found

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CRASHFLOW_"))}
        return {
            **kept,
            "CRASHFLOW_HOME": str(self.home),
            "PREFECT_API_URL": self.api,
            "CRASHFLOW_GITHUB_TOKEN": CANARY,
            "CRASHFLOW_ANTHROPIC_API_KEY": "key-of-the-faults",
        }


@contextmanager
def opened() -> Iterator[Place]:
    """Give a place with a built server and its cores for the block; everything of it is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="crashflow-faults-"))
    home.chmod(0o711)
    try:
        demo = sample_server.lay_out(home)
        sample_server.leave_core(demo)
        for scenario in (OTHER, NOVEL):
            walkthrough._crash(demo, scenario).rename(demo.folder / "kept" / f"core.{scenario}")
        with prefect_services.prefect_server(Settings(configuration=Configuration(), state_folder=home)) as api:
            yield Place(home=home, api=api.url)
    finally:
        embedded.locate(home).stop()
        shutil.rmtree(home, ignore_errors=True)


def branches(repository: Path) -> list[str]:
    """Return the branches under our prefix."""
    words = ["git", "for-each-ref", "--format=%(refname:short)", f"refs/heads/{BRANCH_PREFIX}"]
    return subprocess.run(words, cwd=repository, capture_output=True, text=True, check=True).stdout.split()


def shell(*lines: str) -> tuple[str, ...]:
    """Return a build command that runs shell lines and stops at the first that fails."""
    return ("sh", "-ec", "; ".join(lines))
