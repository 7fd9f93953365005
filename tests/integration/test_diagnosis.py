"""A patch that only adds diagnosis: made when a person chose it, told as what it is, and counted as no repair."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from db import fixes, models
from db.fixes import NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients.git import Repository
from tasks.clients.knowledge import stack_lists
from tasks.core.configuration import Configuration
from tasks.core.errors import RefusalError
from tasks.steps import fix as fix_steps
from tasks.steps import stories
from tasks.steps.fix import PlannedFix
from tasks.steps.workspace import Workspace
from tests.integration.shelf import SHOP, Shelf

SOURCE = (
    b'int Shop::Price(int count) { LOG_INFO("shop", "{}", count); if (count < 0) throw Error("none"); return count; }\n'
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    clone = tmp_path / "clone"
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
    clone.mkdir()
    (clone / "Shop.cpp").write_bytes(SOURCE)
    for words in (("init", "-q", "-b", "main"), ("add", "Shop.cpp"), ("commit", "-q", "-m", "Start")):
        subprocess.run(["git", *settings, *words], cwd=clone, check=True, capture_output=True)
    return Repository(clone, lock_folder=tmp_path / "locks")


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Shelf:
    settings = Settings(configuration=Configuration(), state_folder=tmp_path)
    return Shelf(Workspace(settings=settings, database=database, lists=stack_lists()), tmp_path)


@pytest.fixture
def fix_id(shelf: Shelf) -> int:
    crash_id = shelf.store(*SHOP)
    shelf.change("UPDATE crash SET kind = 'cpp_exception', fault_address = NULL")
    row = shelf.row(crash_id)
    assert row.defect_id is not None
    new = NewFix(
        defect_id=row.defect_id,
        server_id=row.server_id,
        crash_id=crash_id,
        pattern_id=None,
        route="template",
        template="debug-logging",
        reason="known",
    )
    with shelf.room.database.transaction() as session:
        fix = fixes.open_fix(session, new, None)
        assert fix is not None
        return fix.id


def plan(shelf: Shelf, repository: Repository, fix_id: int) -> PlannedFix:
    with shelf.room.database.transaction() as session:
        fix = session.get(models.Fix, fix_id)
        assert fix is not None
        fix.base_commit = repository.base_commit("main")
        return fix_steps._plan(session, fix, repository, ())


def test_a_diagnosis_that_nobody_chose_is_refused(shelf: Shelf, repository: Repository, fix_id: int) -> None:
    with pytest.raises(RefusalError, match="adds diagnosis, does not fix, and nobody chose it"):
        plan(shelf, repository, fix_id)


def test_a_diagnosis_that_a_person_chose_is_planned_as_one(shelf: Shelf, repository: Repository, fix_id: int) -> None:
    shelf.change("UPDATE defect SET template = 'debug-logging'")
    planned = plan(shelf, repository, fix_id)
    assert not planned.is_repair
    assert b'LOG_ERROR("shop", "Shop::Price: none: count {}", count);' in planned.edits[0].new


def test_a_diagnosis_is_reported_as_one_and_raises_no_rate(shelf: Shelf, fix_id: int) -> None:
    rate = text("SELECT fixes FROM fix_success_rate")
    shelf.change("UPDATE fix SET state = 'PR_CREATED'")
    with shelf.room.database.transaction() as session:
        assert [1] == list(session.execute(rate).scalars())
        assert stories.fix_report(session, fix_id).is_repair
    shelf.change("UPDATE fix SET is_repair = false")
    with shelf.room.database.transaction() as session:
        assert [] == list(session.execute(rate).scalars())
        assert not stories.fix_report(session, fix_id).is_repair
