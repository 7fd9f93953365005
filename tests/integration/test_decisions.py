"""What people decide about defects holds: at the next crash, and when crashes are read again."""

from pathlib import Path

import pytest
from sqlalchemy import text

from db import decisions, defects, fixes, rollups
from db.decisions import Decided
from db.fixes import NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients.knowledge import stack_lists
from tasks.core.configuration import Configuration
from tasks.core.errors import DecisionError, NotFoundError
from tasks.steps import learning, triage
from tasks.steps.workspace import Workspace
from tests.integration.shelf import BANK, SHOP, Shelf

ANNA = Decided(by="anna", comment="the same purse")


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Shelf:
    settings = Settings(configuration=Configuration(), state_folder=tmp_path)
    return Shelf(Workspace(settings=settings, database=database, lists=stack_lists()), tmp_path)


def place(shelf: Shelf, crash: int) -> int:
    return shelf.row(crash).defect_id or 0


def merge(shelf: Shelf, crash: int, into: int) -> None:
    with shelf.room.database.transaction() as session:
        decisions.merge(session, place(shelf, crash), place(shelf, into), ANNA)


def split(shelf: Shelf, defect: int, *crashes: int) -> decisions.Split:
    sightings = {each: learning.sighting_of(shelf.row(each), shelf.room.lists) for each in crashes}
    with shelf.room.database.transaction() as session:
        return decisions.split(session, defect, sightings, ANNA)


def test_merged_defects_are_one_and_count_as_one(shelf: Shelf) -> None:
    shop, bank, _ = shelf.store(*SHOP, hours=2), shelf.store(*BANK), shelf.store(*BANK, hours=3)
    merge(shelf, bank, into=shop)
    target = shelf.defect(shop)
    assert (target.id, 3) == (place(shelf, bank), target.crash_count)
    with shelf.room.database.transaction() as session:
        assert [{target.id: 3}] == [
            {row[0]: row[1]}
            for row in session.execute(
                text("SELECT defect_id, sum(crashes)::int FROM crash_trend_daily GROUP BY defect_id")
            )
        ]
        assert ["merge"] == [each.kind for each in decisions.of_defect(session, target.id)]


def test_later_crashes_follow_a_merge_by_key_and_by_rule(shelf: Shelf) -> None:
    shop, bank = shelf.store(*SHOP), shelf.store(*BANK)
    merge(shelf, bank, into=shop)
    same, alike = shelf.store(*BANK), shelf.store(*BANK, "Market::Night", "Market::Day")
    assert [place(shelf, shop)] * 2 == [place(shelf, same), place(shelf, alike)]


def test_a_merge_holds_when_its_crashes_are_read_again(shelf: Shelf) -> None:
    shop, bank = shelf.store(*SHOP), shelf.store(*BANK)
    merge(shelf, bank, into=shop)
    shelf.again(shop, bank)
    assert place(shelf, shop) == place(shelf, bank)


def test_what_is_one_already_is_not_merged(shelf: Shelf) -> None:
    shop, bank = shelf.store(*SHOP), shelf.store(*BANK)
    old = place(shelf, bank)
    merge(shelf, bank, into=shop)
    with shelf.room.database.transaction() as session, pytest.raises(DecisionError, match="one already"):
        decisions.merge(session, place(shelf, shop), old, ANNA)


def test_a_merge_takes_the_open_fix_along_and_two_of_them_forbid_it(shelf: Shelf) -> None:
    shop, bank, guild = shelf.store(*SHOP), shelf.store(*BANK), shelf.store("Guild::Join", "Guild::Add", "Guild::Make")
    for crash in (bank, guild):
        row = shelf.row(crash)
        new = NewFix(
            defect_id=place(shelf, crash),
            server_id=row.server_id,
            crash_id=crash,
            pattern_id=None,
            route="claude",
            template=None,
            reason="novel",
        )
        with shelf.room.database.transaction() as session:
            fixes.open_fix(session, new, None)
    merge(shelf, bank, into=shop)
    with shelf.room.database.transaction() as session:
        assert fixes.find_open(session, place(shelf, shop)) is not None
    with pytest.raises(DecisionError, match="open fix"):
        merge(shelf, guild, into=shop)


def test_split_crashes_stay_apart_when_they_are_read_again(shelf: Shelf) -> None:
    shop, alike = shelf.store(*SHOP), shelf.store(*SHOP, "Market::Night")
    old = place(shelf, shop)
    done = split(shelf, old, alike)
    assert (old, done.defect_id, ()) == (place(shelf, shop), place(shelf, alike), done.ambiguous)
    shelf.again(alike, shop)
    assert (old, done.defect_id) == (place(shelf, shop), place(shelf, alike))
    assert (1, 1) == (shelf.defect(shop).crash_count, shelf.defect(alike).crash_count)


def test_later_crashes_with_the_stack_of_a_split_one_go_where_it_went(shelf: Shelf) -> None:
    shop, alike = shelf.store(*SHOP), shelf.store(*SHOP, "Market::Night")
    done = split(shelf, place(shelf, shop), alike)
    assert done.defect_id == place(shelf, shelf.store(*SHOP, "Market::Night"))
    assert place(shelf, shop) == place(shelf, shelf.store(*SHOP))


def test_a_split_of_equal_stacks_says_that_later_ones_stay(shelf: Shelf) -> None:
    first, second = shelf.store(*SHOP), shelf.store(*SHOP, hours=1)
    done = split(shelf, place(shelf, first), second)
    assert (second,) == done.ambiguous
    assert place(shelf, first) == place(shelf, shelf.store(*SHOP))


def test_nothing_is_split_of_strangers_or_of_all(shelf: Shelf) -> None:
    shop, bank = shelf.store(*SHOP), shelf.store(*BANK)
    with pytest.raises(NotFoundError, match=f"no crash {bank}"):
        split(shelf, place(shelf, shop), bank)
    with pytest.raises(DecisionError, match="nothing would be left"):
        split(shelf, place(shelf, shop), shop)


def test_a_title_and_a_template_stay_when_a_defect_is_read_again(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP, older=BANK)
    with shelf.room.database.transaction() as session:
        decisions.rename(session, place(shelf, crash), "the shop of doom", ANNA)
        decisions.choose_template(session, place(shelf, crash), "null-check", ANNA)
    shelf.again(crash)
    defect = shelf.defect(crash)
    assert ("Shop::Price", "the shop of doom", "null-check") == (defect.location, defect.title, defect.template)


def test_a_silenced_defect_is_opened_again_once(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP)
    with shelf.room.database.transaction() as session:
        decisions.silence(session, place(shelf, crash), ANNA)
        assert "silenced" == decisions.find(session, place(shelf, crash)).state
        decisions.unsilence(session, place(shelf, crash), ANNA)
        with pytest.raises(DecisionError, match="not silenced"):
            decisions.unsilence(session, place(shelf, crash), ANNA)


def test_triage_asks_for_the_template_that_a_person_chose(shelf: Shelf) -> None:
    crash = shelf.store(*SHOP)
    with shelf.room.database.transaction() as session:
        decisions.choose_template(session, place(shelf, crash), "null-check", ANNA)
        defect = defects.get(session, place(shelf, crash))
        assert defect is not None
        situation = triage._situation(session, shelf.room, shelf.row(crash), defect, None)
        assert "null-check" == situation.template


def test_a_defect_is_known_by_what_its_crashes_share(shelf: Shelf) -> None:
    common = (*SHOP, "Market::Open")
    stored = [shelf.store(*common, f"Chance::Of{number}") for number in range(5)]
    assert "Chance::Of0" in shelf.defect(stored[0]).in_app
    assert [place(shelf, stored[0])] == learning.sharpen_in(shelf.room, stored)
    assert list(common) == shelf.defect(stored[0]).in_app
    assert [] == learning.sharpen_in(shelf.room, stored)


def test_the_counts_of_a_split_are_those_of_its_days(shelf: Shelf) -> None:
    shop, alike = shelf.store(*SHOP), shelf.store(*SHOP, "Market::Night")
    done = split(shelf, place(shelf, shop), alike)
    with shelf.room.database.transaction() as session:
        rollups.compact(session)
        counted = session.execute(text("SELECT defect_id, crashes FROM crash_rollup_daily ORDER BY 1")).tuples().all()
    assert [(place(shelf, shop), 1), (done.defect_id, 1)] == list(counted)
