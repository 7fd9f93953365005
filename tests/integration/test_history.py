"""The daily counts follow every change of crashes, and the views answer what operators ask."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db import rollups
from db.session import Database

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=1, microsecond=0)
COLUMNS = (
    "server_id, dump_id, defect_id, capture, report_hash, format, status, occurred_at, kind, signature, algorithm,"
)
REST = "in_app, thread, severity, category, components, is_bot_related, hypothesis, placement, build"


class History:
    """Crashes written as ingest writes them, but without their texts."""

    def __init__(self, session: Session) -> None:
        self.session, self.count = session, 0
        self.run("INSERT INTO server (name) VALUES ('game'), ('test')")
        self.run(
            "INSERT INTO dump (server_id, path, captured_at, state) SELECT 1, 'a', now() - interval '1 s', 'PARSED'"
        )

    def run(self, statement: str, **values: Any) -> Any:
        return self.session.execute(text(statement), values)

    def defect(self, name: str, *, days_ago: int = 0, build: str | None = None) -> int:
        at = TODAY - timedelta(days=days_ago)
        return int(
            self.run(
                "INSERT INTO defect (signature, first_seen, last_seen, first_build, last_build, state)"
                " VALUES (:name, :at, :at, :build, :build, 'open') RETURNING id",
                name=name,
                at=at,
                build=build,
            ).scalar_one()
        )

    def crash(self, defect: int | None, *, days_ago: int = 0, times: int = 1, **given: Any) -> None:
        values = {"server": 1, "components": ["mage"], "is_bot": True, "build": None, "placement": "matched"} | given
        self.run(
            f"INSERT INTO crash ({COLUMNS} {REST}) SELECT :server, 1, :defect, 'c', (:first + n)::text, 'gdb_text',"
            " 'ok', :at, 'abort', 's', 'a', '{}', '{}', 'high', 'c', :components, :is_bot, 'h', :placement, :build"
            " FROM generate_series(1, :times) n",
            first=self.count,
            times=times,
            at=TODAY - timedelta(days=days_ago),
            defect=defect,
            **values,
        )
        self.count += times

    def view(self, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.run(f"SELECT {columns} FROM {name}")]


@pytest.fixture
def history(database: Database) -> Iterator[History]:
    with database.transaction() as session:
        yield History(session)


def test_counts_follow_crashes_that_move_and_go(history: History) -> None:
    bank, shop = history.defect("bank"), history.defect("shop")
    history.crash(bank, times=5)
    history.run("UPDATE crash SET defect_id = :shop WHERE id <= 2", shop=shop)
    history.run("DELETE FROM crash WHERE id = 5")
    assert {(bank, 2), (shop, 2)} == set(history.view("crash_trend_daily", "defect_id, crashes"))
    history.run("DELETE FROM crash WHERE defect_id = :shop", shop=shop)
    assert [(bank, 2)] == history.view("crash_trend_daily", "defect_id, crashes")


def test_an_update_that_changes_no_count_appends_nothing(history: History) -> None:
    history.crash(history.defect("bank"))
    history.run("UPDATE crash SET message = 'm'")
    assert [(1,)] == history.view("crash_rollup_daily", "crashes")


def test_compacting_changes_no_sum_and_leaves_one_row(history: History) -> None:
    bank = history.defect("bank")
    for _ in range(3):
        history.crash(bank, times=2)
    history.crash(history.defect("gone"))
    history.run("DELETE FROM crash WHERE defect_id <> :bank", bank=bank)
    before = history.view("crash_trend_daily")
    assert 5 == rollups.compact(history.session)
    assert before == history.view("crash_trend_daily")
    assert [(bank, 6)] == history.view("crash_rollup_daily", "defect_id, crashes")
    assert 0 == rollups.compact(history.session)


def test_top_crashers_compare_this_week_with_the_last(history: History) -> None:
    old, new, ancient = history.defect("old", days_ago=13), history.defect("new"), history.defect("ancient")
    history.crash(old, days_ago=6, times=2)
    history.crash(old, days_ago=7, times=5)
    history.crash(old, days_ago=13, server=2)
    history.crash(new, times=4)
    history.crash(ancient, days_ago=14)
    found = history.view("top_crasher", "signature, crashes, crashes_before, change, is_new, servers")
    assert [("new", 4, 0, 4, True, 1), ("old", 2, 6, -4, False, 1)] == found


def test_new_since_a_build_are_defects_first_seen_with_or_after_it(history: History) -> None:
    before = history.defect("before", days_ago=9, build="r1")
    after = history.defect("after", days_ago=3, build="r2")
    history.crash(before, days_ago=9, build="r1")
    history.crash(after, days_ago=3, build="r2")
    history.crash(before, days_ago=2, build="r2")
    assert [("after",)] == history.view("new_since_build('r2')", "signature")
    assert 2 == len(history.view("new_since_build('r1')"))
    assert [] == history.view("new_since_build('unknown')")


def test_a_crash_counts_in_each_of_its_components(history: History) -> None:
    bank = history.defect("bank")
    history.crash(bank, components=["mage", "loot"], times=2)
    history.crash(bank, days_ago=8, is_bot=False)
    history.crash(None, components=[], placement="needs_symbols")
    assert {
        ("loot", True, 2, 2),
        ("mage", True, 2, 2),
        ("mage", False, 0, 1),
        ("(unknown)", True, 1, 1),
    } == set(history.view("component_summary", "component, is_bot_related, crashes_7_days, crashes_30_days"))


def test_time_between_crashes_is_the_watched_time_over_their_number(history: History) -> None:
    history.run("UPDATE server SET created_at = now() - interval '30 days'")
    history.crash(history.defect("bank"), times=14)
    found = history.view("time_between_crashes", "server, days, crashes, mean_time")
    assert ("game", 7, 14, timedelta(hours=12)) == found[0]
    assert ("test", 7, 0, None) == found[2]


def test_shares_come_with_their_interval(history: History) -> None:
    (low, high), (nothing, _) = history.view(
        "(VALUES (8::bigint, 10::bigint), (0, 0)) t(a, b)", "share_low(a, b), share_high(a, b)"
    )
    assert (0.4902, 0.9433, None) == (float(low), float(high), nothing)


def test_figures_count_what_the_month_brought(history: History) -> None:
    bank = history.defect("bank")
    history.crash(bank, placement="learned")
    history.crash(bank, times=2)
    history.crash(None, placement="needs_symbols", is_bot=False)
    history.crash(bank, days_ago=31, times=9)
    figures = {name: (hits, tries) for name, hits, tries in history.view("kpi", "name, hits, tries")}
    assert ((2, 4), (1, 4), (3, 4)) == (figures["known crashes"], figures["without symbols"], figures["bot related"])
    assert (0, 0) == figures["fix success"]


def test_every_relation_that_people_read_says_what_it_is(history: History) -> None:
    silent = history.view(
        "pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace AND obj_description(oid) IS NULL",
        "relname",
    )
    assert [] == silent
