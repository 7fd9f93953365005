"""The crash database: schema, views, roles, and what happens when several processes want the same."""

import threading
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel

from db import defects, dumps, history_models, migrate, models, servers, storable, transitions
from db.defects import Sighting
from db.dumps import DumpFacts
from db.session import READER_ROLE, Database
from tasks.core.errors import TransitionError
from tasks.core.matching import DefectKey, Shape

NOW = datetime(2026, 11, 21, 3, 41, tzinfo=UTC)
VIEWS = {
    "analysis_cost",
    "crash_history",
    "crash_frame",
    "defect_summary",
    "pattern_summary",
    "fix_success_rate",
    "crash_trend_daily",
    "kpi",
}


def sighting(fingerprint: str = "f1", *names: str) -> Sighting:
    return Sighting(
        signature="A::f",
        shape=Shape(location="A::f", in_app=names or ("A::f", "B::g", "C::h")),
        keys=(DefectKey(kind="fingerprint", value=fingerprint),),
        occurred_at=NOW,
        build=None,
    )


def facts(path: str = "/crashes/core") -> DumpFacts:
    return DumpFacts(path=path, inode=1, size=2, captured_at=NOW)


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    assert history_models.CrashRollupDaily.__tablename__ in SQLModel.metadata.tables
    with database.engine.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)


def test_migrations_go_down_and_up_again(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    migrate.downgrade(empty_database, "base")
    migrate.upgrade(empty_database)
    assert migrate.head() == migrate.revision(empty_database)
    assert migrate.head() == ScriptDirectory.from_config(migrate._config()).get_current_head()


def test_every_view_can_be_read_and_says_what_it_is(database: Database) -> None:
    with database.engine.connect() as connection:
        for view in VIEWS:
            connection.execute(text(f"SELECT * FROM {view}"))
        query = "SELECT relname FROM pg_class WHERE relkind = 'v' AND obj_description(oid) IS NOT NULL"
        assert VIEWS <= set(connection.execute(text(query)).scalars())


def test_the_reader_reads_and_does_not_write(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text(f"SET ROLE {READER_ROLE}"))
        connection.execute(text("SELECT * FROM crash_history"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("DELETE FROM server"))


def test_racing_processes_learn_one_defect_once(database: Database) -> None:
    def place() -> None:
        with database.transaction() as session:
            defects.place(session, sighting(), None)

    threads = [threading.Thread(target=place) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        rows = session.execute(text("SELECT crash_count FROM defect")).scalars().all()
    assert [8] == rows


def test_the_rule_joins_what_the_key_does_not_and_keeps_the_rest_apart(database: Database) -> None:
    with database.transaction() as session:
        first = defects.place(session, sighting("f1"), None)
        like = defects.place(session, sighting("f2", "A::f", "B::g", "C::h", "X::y"), None)
        other = defects.place(session, sighting("f3", "A::f", "X::y", "Z::z"), None)
    assert ("new", "rule", "new") == (first.how, like.how, other.how)
    assert first.defect_id == like.defect_id != other.defect_id


def test_a_crash_without_a_key_belongs_to_no_defect(database: Database) -> None:
    nothing = Sighting(
        signature="no stack", shape=Shape(location=None, in_app=()), keys=(), occurred_at=NOW, build=None
    )
    with database.transaction() as session:
        assert ("needs_symbols", None) == (
            (found := defects.place(session, nothing, None)).how,
            found.defect_id,
        )


def test_the_same_file_is_recorded_once(database: Database) -> None:
    with database.transaction() as session:
        server = servers.ensure(session, "s")
        assert dumps.record(session, server, facts(), []) is not None
        assert dumps.record(session, server, facts(), []) is None


def test_a_claimed_dump_is_not_claimed_again_before_its_lease_ends(database: Database) -> None:
    with database.transaction() as session:
        dumps.record(session, servers.ensure(session, "s"), facts(), [])
    with database.transaction() as session:
        assert 1 == len(dumps.claim(session, 10, None))
    with database.transaction() as session:
        assert [] == dumps.claim(session, 10, None)
        session.execute(text("UPDATE dump SET lease_until = now() - interval '1 second'"))
        assert 1 == len(dumps.claim(session, 10, None))


def test_a_dump_that_ends_its_reader_three_times_fails_with_a_reason(database: Database) -> None:
    with database.transaction() as session:
        dumps.record(session, servers.ensure(session, "s"), facts(), [])
    for _ in range(4):
        with database.transaction() as session:
            dumps.claim(session, 10, None)
            session.execute(text("UPDATE dump SET lease_until = now() - interval '1 second'"))
    with database.transaction() as session:
        row = session.execute(text("SELECT state, error FROM dump")).one()
    assert "FAILED" == row.state
    assert "3 times" in row.error


def test_an_illegal_move_raises_and_leaves_no_record(database: Database) -> None:
    with database.transaction() as session:
        identifier = dumps.record(session, servers.ensure(session, "s"), facts(), [])
        dump = session.get(models.Dump, identifier)
        assert dump is not None
        with pytest.raises(TransitionError):
            transitions.move(session, dump, "PARSED", reason="no")
        assert 1 == len(transitions.history(session, "dump", dump.id))


def test_a_forgotten_server_leaves_nothing_behind(database: Database) -> None:
    with database.transaction() as session:
        dumps.record(session, servers.ensure(session, "s"), facts(), [])
        servers.forget(session, "s")
    with database.transaction() as session:
        counts = [session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in ("dump", "transition")]
    assert [0, 0] == counts


def test_text_that_postgres_cant_hold_is_mended() -> None:
    assert {"a\ufffd": ["x\ufffd", 1, None]} == storable.values({"a\x00": ("x\ud800", 1, None)})
