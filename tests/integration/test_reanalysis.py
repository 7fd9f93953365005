"""Crashes that are read again: what changes, what people decided stays, counters stay right, history is kept."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db import crashes, fixes, patterns, transitions
from db.fixes import NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients.knowledge import pattern_packs, stack_lists
from tasks.core.configuration import Configuration
from tasks.core.errors import NotFoundError
from tasks.steps import reanalysis
from tasks.steps.workspace import Workspace
from tests.integration.shelf import BANK, NOW, SHOP, SOCKET, Shelf, report


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Workspace:
    return Workspace(
        settings=Settings(configuration=Configuration(), state_folder=tmp_path), database=database, lists=stack_lists()
    )


@pytest.fixture
def shelf(room: Workspace, tmp_path: Path) -> Shelf:
    return Shelf(room, tmp_path)


def test_what_older_rules_named_is_named_anew_and_what_it_was_is_kept(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP, older=BANK)
    before = shelf.row(crash)
    assert [crash] == shelf.again(crash)
    after = shelf.row(crash)
    assert "Shop::Price" == after.location_function
    (kept,) = shelf.history(crash)
    assert (before.signature, after.signature) == (kept.before["signature"], kept.after["signature"])
    assert before.fingerprint == kept.before["fingerprint"]
    assert reanalysis.FROM_DUMP == kept.reason


def test_a_second_time_changes_nothing_and_doubles_nothing(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP, older=BANK)
    shelf.again(crash)
    assert [] == shelf.again(crash)
    assert (1, 1, 1) == (shelf.count("crash"), shelf.count("crash_revision"), shelf.defect(crash).crash_count)


def test_a_defect_keeps_its_fix_when_the_crash_it_was_learned_from_gets_another_name(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP, older=BANK)
    old = shelf.defect(crash)
    shelf.again(crash)
    new = shelf.defect(crash)
    assert (old.id, "Shop::Price", 1, 1) == (new.id, new.location, new.crash_count, shelf.count("defect"))
    assert new.id == shelf.defect(shelf.store(*SHOP)).id


def test_a_crash_moves_to_the_defect_that_knows_it_and_both_count_right(shelf: Shelf) -> None:
    shop = shelf.store(*SHOP, hours=1)
    bank, stray = shelf.store(*BANK), shelf.store(*SHOP, older=BANK, hours=5)
    assert shelf.row(bank).defect_id == shelf.row(stray).defect_id
    shelf.again(stray)
    assert shelf.row(shop).defect_id == shelf.row(stray).defect_id
    assert (2, NOW + timedelta(hours=5)) == (shelf.defect(shop).crash_count, shelf.defect(shop).last_seen)
    assert (1, NOW) == (shelf.defect(bank).crash_count, shelf.defect(bank).last_seen)


def test_a_defect_that_loses_its_example_takes_the_next(shelf: Shelf) -> None:
    shelf.store(*SHOP)
    stray, bank = shelf.store(*SHOP, older=BANK), shelf.store(*BANK)
    assert stray == shelf.defect(bank).exemplar_id
    shelf.again(stray)
    assert (bank, 1) == (shelf.defect(bank).exemplar_id, shelf.defect(bank).crash_count)


def test_a_crash_that_is_no_example_and_fits_nowhere_founds_a_defect(shelf: Shelf) -> None:
    bank, stray = shelf.store(*BANK), shelf.store(*SHOP, older=BANK)
    shelf.again(stray)
    assert shelf.row(bank).defect_id != shelf.row(stray).defect_id
    assert (1, 1, stray) == (
        shelf.defect(bank).crash_count,
        shelf.defect(stray).crash_count,
        shelf.defect(stray).exemplar_id,
    )


@pytest.mark.parametrize("decision", ["silenced", "merged"])
def test_what_a_person_decided_of_a_defect_holds(shelf: Shelf, decision: str) -> None:
    shelf.store(*SHOP)
    bank, stray = shelf.store(*BANK), shelf.store(*SHOP, older=BANK)
    if decision == "silenced":
        shelf.change("UPDATE defect SET state = 'silenced' WHERE id = :id", id=shelf.row(bank).defect_id)
    else:
        other = shelf.store("Guild::Join", "Guild::Add", "Guild::Make")
        shelf.change(
            "UPDATE defect SET merged_into = :to WHERE id = :id",
            to=shelf.row(other).defect_id,
            id=shelf.row(bank).defect_id,
        )
    before = shelf.defect(stray).id
    shelf.again(stray)
    assert before == shelf.defect(stray).id
    assert "Shop::Price" == shelf.row(stray).location_function


def test_without_its_dump_a_crash_is_read_from_its_row(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP)
    (shelf.folder / "crash-0.txt").write_bytes(report(*BANK))
    shelf.change("UPDATE crash SET signature = 'named by nobody', severity = 'low' WHERE id = :id", id=crash)
    thread = shelf.row(crash).thread
    shelf.again(crash)
    (kept,) = shelf.history(crash)
    assert (reanalysis.FROM_ROW, "named by nobody") == (kept.reason, kept.before["signature"])
    assert thread == shelf.row(crash).thread


def test_a_new_version_of_a_pattern_is_matched_with_its_evidence(shelf: Shelf) -> None:
    crash = shelf.store(*SOCKET)
    shelf.again(crash)
    assert "null-socket" == shelf.history(crash)[-1].after["pattern"]
    known = next(pattern for pack in pattern_packs() for pattern in pack.patterns if pattern.slug == "null-socket")
    newer = known.model_copy(update={"version": 9, "severity": "critical", "remedy": None, "examples": ()})
    with shelf.room.database.transaction() as session:
        patterns.import_pack(session, replace(pattern_packs()[0], patterns=(newer,)))
    shelf.again(crash)
    assert ("critical", 1) == (shelf.row(crash).severity, shelf.count("match"))
    with shelf.room.database.transaction() as session:
        match = crashes.match_of(session, crash)
        assert match is not None
        assert 9 == patterns.get(session, match.pattern_id).version
        assert newer == patterns.get(session, match.pattern_id)


def test_an_open_fix_stays_with_its_defect(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP, older=BANK)
    row = shelf.row(crash)
    assert row.defect_id is not None
    with shelf.room.database.transaction() as session:
        new = NewFix(
            defect_id=row.defect_id,
            server_id=row.server_id,
            crash_id=crash,
            pattern_id=None,
            route="claude",
            template=None,
            reason="novel",
        )
        fix = fixes.open_fix(session, new, None)
        assert fix is not None
    shelf.again(crash)
    with shelf.room.database.transaction() as session:
        assert fixes.find_open(session, shelf.row(crash).defect_id or 0) is not None
        assert 1 == len(transitions.history(session, "fix", fix.id))


@pytest.mark.parametrize(
    ("crash_id", "defect_id", "named"), [(None, None, "none of them"), (1, 2, "crash_id and defect_id")]
)
def test_only_one_id_can_be_asked_for(crash_id: int | None, defect_id: int | None, named: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        reanalysis.find(crash_id=crash_id, dump_id=None, defect_id=defect_id)
    assert f"Name exactly one of crash_id, dump_id and defect_id; {named} was given." == str(caught.value)
