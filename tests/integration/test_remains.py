"""What a start and every minute take away of dead runs, in a state folder with a database."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from db import dumps, leases
from db.leases import Holder
from db.session import Database
from db.settings import Settings
from tasks.clients import identity, knowledge
from tasks.core.configuration import Configuration
from tasks.steps import recovery
from tasks.steps.workspace import Workspace
from tests.integration.test_leases import claim, fix_id, record, take  # noqa: F401  a fixture


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Workspace:
    settings = Settings(configuration=Configuration(), state_folder=tmp_path / "state")
    return Workspace(settings=settings, database=database, lists=knowledge.stack_lists())


def dead() -> Holder:
    """A process of this machine that ran and ended."""
    child = subprocess.Popen(["sleep", "300"])
    name = f"{identity.place()}-{child.pid}-{psutil.Process(child.pid).create_time():.2f}"
    child.kill()
    child.wait()
    return Holder(process=name, run_id="a dead run")


def states(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.execute(text("SELECT state FROM dump ORDER BY id")).scalars())


def test_what_a_process_of_this_machine_held_is_free_the_moment_it_is_dead(
    room: Workspace,
    fix_id: int,  # noqa: F811
) -> None:
    holder = dead()
    take(room.database, fix_id, holder)
    claim(room.database, holder)
    with room.database.transaction() as session:
        leases.begin(session, replace(holder, run_id="a run of Prefect"))
        leases.begin(session, Holder(process=identity.own(), run_id="another run"))
    assert {"a run of Prefect"} == recovery.return_leases(room)
    assert ["CRASH_DETECTED"] == states(room.database)
    take(room.database, fix_id, Holder(process=identity.own()))


def test_what_another_machine_or_a_living_process_holds_stays_theirs(room: Workspace) -> None:
    record(room.database, "a", "b")
    claim(room.database, Holder(process="elsewhere-1-1.00"), limit=1)
    claim(room.database, Holder(process=identity.own()), limit=1)
    recovery.return_leases(room)
    assert ["PARSING", "PARSING"] == states(room.database)
    with room.database.transaction() as session:
        assert {"elsewhere-1-1.00", identity.own()} == leases.processes(session)
        assert 0 == dumps.count_waiting(session)


def test_worktrees_without_an_open_fix_and_folders_of_dead_commands_go(
    room: Workspace,
    fix_id: int,  # noqa: F811
) -> None:
    kept = (
        room.settings.worktree_folder / f"fix-{fix_id}",
        room.settings.temporary_folder / identity.own(),
        room.settings.temporary_folder / "somebody's own",
    )
    gone = (room.settings.worktree_folder / "fix-999", room.settings.temporary_folder / dead().process)
    for folder in (*kept, *gone):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (gone[0] / "link").symlink_to(kept[0])
    assert {f"removed {folder}" for folder in gone} == set(recovery.remove_remains(room))
    assert ([True] * 3, [False] * 2) == ([path.exists() for path in kept], [path.exists() for path in gone])
    assert (kept[0] / "file").exists()
    assert [] == recovery.remove_remains(room)


def test_a_dead_process_of_the_same_number_is_no_living_one(room: Workspace) -> None:
    record(room.database, "a")
    claim(room.database, Holder(process=f"{identity.place()}-{os.getpid()}-1.00"))
    recovery.return_leases(room)
    assert ["CRASH_DETECTED"] == states(room.database)
