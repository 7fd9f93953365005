"""All stored crashes under the rules of today: what changes, what stands, and what a rehearsal says of it."""

from pathlib import Path

import pytest

from db import decisions, patterns, reprocessing
from db.decisions import Decided
from db.session import Database
from db.settings import Settings
from tasks.clients.knowledge import stack_lists
from tasks.core.configuration import Configuration
from tasks.steps import reprocess
from tasks.steps.workspace import Workspace
from tests.integration.shelf import BANK, SHOP, SOCKET, Shelf


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Shelf:
    settings = Settings(configuration=Configuration(), state_folder=tmp_path)
    return Shelf(Workspace(settings=settings, database=database, lists=stack_lists()), tmp_path)


def rename(shelf: Shelf, *crash_ids: int) -> None:
    """Store crashes as other rules had named them."""
    for crash_id in crash_ids:
        shelf.change("UPDATE crash SET signature = 'old', fingerprint = 'old' WHERE id = :id", id=crash_id)


def begin(shelf: Shelf) -> int:
    with shelf.room.database.transaction() as session:
        return reprocessing.begin(session, reprocess.rules(shelf.room, patterns.newest(session)), None).id


def finish(shelf: Shelf, run: int) -> tuple[int, int, int]:
    while reprocess.chunk_in(shelf.room, run).seen:
        pass
    with shelf.room.database.transaction() as session:
        done = reprocessing.finish(session, run)
        return done.seen, done.changed, done.moved


def test_only_what_is_understood_otherwise_is_written(shelf: Shelf) -> None:
    stored = [shelf.store(*SHOP), shelf.store(*BANK), shelf.store(*SHOP)]
    rename(shelf, stored[1])
    assert (3, 1, 0) == finish(shelf, begin(shelf))
    assert "Bank::Charge" == shelf.row(stored[1]).location_function
    assert 1 == len(shelf.history(stored[1]))
    assert (3, 0, 0) == finish(shelf, begin(shelf))


def test_a_new_version_of_a_pattern_reaches_stored_crashes(shelf: Shelf) -> None:
    crash = shelf.store(*SOCKET)
    assert (1, 1, 0) == finish(shelf, begin(shelf))
    assert "null-socket" == shelf.history(crash)[0].after["pattern"]
    assert (1, 0, 0) == finish(shelf, begin(shelf))


def test_an_ended_run_goes_on_where_it_stopped(shelf: Shelf) -> None:
    stored = [shelf.store(*SHOP) for _ in range(5)]
    run = begin(shelf)
    reprocess.chunk_in(shelf.room, run, 2)
    rename(shelf, *stored)
    assert run == begin(shelf)
    assert (5, 3, 0) == finish(shelf, run)
    assert run != begin(shelf)


def test_a_rehearsal_says_what_would_move_and_writes_nothing(shelf: Shelf) -> None:
    shop, bank = shelf.store(*SHOP), shelf.store(*BANK)
    strays = [shelf.store(*SHOP, older=BANK) for _ in range(2)]
    for stray in strays:
        shelf.change(
            "UPDATE crash SET thread = (SELECT thread FROM crash WHERE id = :shop) WHERE id = :id", shop=shop, id=stray
        )
    before = [shelf.row(crash).defect_id for crash in (shop, bank, *strays)]
    told = reprocess.rehearse_in(shelf.room)
    assert "Of 4 crashes, 2 would move to another defect, 0 would be named" in told
    assert f"| 2 | {before[1]} | {before[0]} |" in told
    assert before == [shelf.row(crash).defect_id for crash in (shop, bank, *strays)]
    assert (0, 0) == (shelf.count("crash_revision"), shelf.count("reprocess_run"))
    assert (4, 2, 2) == finish(shelf, begin(shelf))
    assert [before[0]] * 2 == [shelf.row(stray).defect_id for stray in strays]


def test_what_a_person_placed_stays(shelf: Shelf) -> None:
    shop, bank = shelf.store(*SHOP), shelf.store(*BANK)
    with shelf.room.database.transaction() as session:
        decisions.merge(session, shelf.row(bank).defect_id or 0, shelf.row(shop).defect_id or 0, Decided(by="anna"))
    rename(shelf, shop, bank)
    finish(shelf, begin(shelf))
    assert shelf.row(shop).defect_id == shelf.row(bank).defect_id
