"""Leases on a real Postgres: one holder at a time, proof before each write, and what is left of the dead."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db import dumps, fixes, leases, models, servers, transitions
from db.dumps import DumpFacts
from db.fixes import NewFix
from db.leases import Holder
from db.session import Database
from tasks.core.errors import LeaseLostError, NotFoundError

NOW = datetime(2026, 11, 21, 3, 41, tzinfo=UTC)
FIRST, SECOND = Holder(process="here-1-1.00", run_id="run 1"), Holder(process="here-2-2.00", run_id="run 2")


@pytest.fixture
def fix_id(database: Database) -> int:
    """An open fix of a crash."""
    with database.transaction() as session:
        server = servers.ensure(session, "s")
        dump_id = dumps.record(session, server, facts("core"), [])
        defect_id = session.execute(
            text(
                "INSERT INTO defect (signature, state, first_seen, last_seen) VALUES ('A::f', 'open', now(), now())"
                " RETURNING id"
            )
        ).scalar_one()
        crash = models.Crash(
            server_id=server,
            dump_id=dump_id,
            defect_id=defect_id,
            capture="core",
            report_hash="1",
            format="elf_core",
            status="ok",
            occurred_at=NOW,
            kind="access_violation",
            signature="A::f",
            algorithm="1",
            thread={},
            severity="high",
            category="null pointer",
            is_bot_related=False,
            hypothesis="",
            placement="learned",
        )
        session.add(crash)
        session.flush()
        new = NewFix(
            defect_id=defect_id,
            server_id=server,
            crash_id=crash.id,
            pattern_id=None,
            route="template",
            template="null-check",
            reason="known",
        )
        fix = fixes.open_fix(session, new, None)
        assert fix is not None
        return fix.id


def facts(name: str) -> DumpFacts:
    return DumpFacts(path=f"/crashes/{name}", inode=1, size=2, captured_at=NOW)


def expire_all(session: Session) -> None:
    for table in ("fix", "dump", "working_run"):
        session.execute(text(f"UPDATE {table} SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL"))


def take(database: Database, fix_id: int, holder: Holder) -> None:
    with database.transaction() as session:
        leases.take_fix(session, fix_id, holder)


def test_a_fix_is_one_runs_at_a_time(database: Database, fix_id: int) -> None:
    take(database, fix_id, FIRST)
    with pytest.raises(LeaseLostError, match="Another run works on fix"):
        take(database, fix_id, SECOND)
    with database.transaction() as session:
        leases.release_all(session, FIRST)
    take(database, fix_id, SECOND)


def test_a_run_that_was_paused_until_another_took_its_fix_writes_nothing(database: Database, fix_id: int) -> None:
    take(database, fix_id, FIRST)
    with database.transaction() as session:
        expire_all(session)
    take(database, fix_id, SECOND)
    with database.transaction() as session, pytest.raises(LeaseLostError, match="not this run's any more"):
        leases.hold_fix(session, fix_id, FIRST)
    with database.transaction() as session:
        leases.renew(session, FIRST)
        assert (frozenset(), frozenset({fix_id})) == (
            leases.fixes_of(session, FIRST),
            leases.fixes_of(session, SECOND),
        )


def test_a_run_that_was_paused_and_missed_by_nobody_goes_on(database: Database, fix_id: int) -> None:
    take(database, fix_id, FIRST)
    with database.transaction() as session:
        expire_all(session)
    with database.transaction() as session:
        leases.hold_fix(session, fix_id, FIRST)
    with pytest.raises(LeaseLostError):
        take(database, fix_id, SECOND)


def test_nobody_takes_a_fix_amid_a_transaction_of_its_holder_however_old_the_lease(
    database: Database, fix_id: int
) -> None:
    take(database, fix_id, FIRST)
    with database.transaction() as session:
        leases.hold_fix(session, fix_id, FIRST)
        expire_all(session)
        session.flush()
        with pytest.raises(LeaseLostError):
            take(database, fix_id, SECOND)


def test_the_heartbeat_renews_what_is_held_and_waits_for_no_lock(database: Database, fix_id: int) -> None:
    take(database, fix_id, FIRST)
    with database.transaction() as session:
        leases.begin(session, FIRST)
        expire_all(session)
    with database.transaction() as writer:
        leases.hold_fix(writer, fix_id, FIRST)
        with database.transaction() as session:
            leases.renew(session, FIRST)
    with database.transaction() as session:
        assert {"run 1"} == leases.working_runs(session)
        assert [True] == [is_held for _, is_held in fixes.standings(session)]


def test_the_leases_of_the_dead_end_at_once(database: Database, fix_id: int) -> None:
    take(database, fix_id, FIRST)
    with database.transaction() as session:
        leases.begin(session, FIRST)
        leases.begin(session, SECOND)
        assert {FIRST.process, SECOND.process} == leases.processes(session)
    with database.transaction() as session:
        leases.expire(session, [FIRST.process])
    with database.transaction() as session:
        assert {SECOND.process} == leases.processes(session)
        assert {"run 2"} == leases.working_runs(session)
        assert [False] == [is_held for _, is_held in fixes.standings(session)]
    take(database, fix_id, SECOND)


def test_runs_that_bring_a_fix_no_further_are_counted_and_progress_forgives(database: Database, fix_id: int) -> None:
    for _ in range(3):
        take(database, fix_id, FIRST)
        with database.transaction() as session:
            expire_all(session)
    with database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        assert (3, 3) == (fix.taken_up, fix.stalls)
        fixes.advance(session, fix, "APPLYING_FIX", reason="taken up", flow_run_id="run 1")
        assert (3, 0) == (fix.taken_up, fix.stalls)
        assert "run 1" == transitions.history(session, "fix", fix_id)[-1].flow_run_id


def test_being_given_back_in_order_is_no_stall(database: Database, fix_id: int) -> None:
    take(database, fix_id, FIRST)
    with database.transaction() as session:
        leases.release_all(session, FIRST)
    with database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        assert (1, 0, None, None) == (fix.taken_up, fix.stalls, fix.lease_until, fix.lease_process)


def test_a_closed_fix_and_one_that_never_was_are_not_taken(database: Database, fix_id: int) -> None:
    with database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        fixes.fail(session, fix, "no", None)
    with pytest.raises(LeaseLostError, match="is FAILED already"):
        take(database, fix_id, FIRST)
    with pytest.raises(NotFoundError):
        take(database, 999, FIRST)


def claim(database: Database, holder: Holder, limit: int = 10) -> list[int]:
    with database.transaction() as session:
        return [dump.id for dump in dumps.claim(session, limit, holder.run_id, process=holder.process)]


def record(database: Database, *names: str) -> list[int | None]:
    with database.transaction() as session:
        server = servers.ensure(session, "s")
        return [dumps.record(session, server, facts(name), []) for name in names]


def test_dumps_that_a_run_gives_back_wait_again_and_lost_no_attempt(database: Database) -> None:
    ids = record(database, "a", "b")
    assert ids == claim(database, FIRST)
    with database.transaction() as session:
        dumps.give_back(session, FIRST.process, "run 1")
    with database.transaction() as session:
        rows = session.execute(text("SELECT state, attempts, lease_process FROM dump")).all()
    assert [("CRASH_DETECTED", 0, None)] * 2 == [tuple(row) for row in rows]


def test_a_dump_whose_reader_is_gone_is_not_written_by_it_any_more(database: Database) -> None:
    (dump_id,) = record(database, "a")
    assert dump_id is not None
    claim(database, FIRST)
    with database.transaction() as session:
        expire_all(session)
    assert [dump_id] == claim(database, SECOND)
    with database.transaction() as session:
        assert set() == dumps.held(session, [dump_id], FIRST.process)
        assert {dump_id} == dumps.held(session, [dump_id], SECOND.process)


def test_expired_dumps_return(database: Database) -> None:
    record(database, "a", "b")
    claim(database, FIRST)
    with database.transaction() as session:
        expire_all(session)
        assert 2 == dumps.return_expired(session, None)
    with database.transaction() as session:
        assert 2 == dumps.count_waiting(session)


def test_a_dump_that_may_have_ended_its_reader_is_read_alone(database: Database) -> None:
    ids = record(database, "a", "b", "c")
    assert ids == claim(database, FIRST)
    with database.transaction() as session:
        expire_all(session)
        dumps.return_expired(session, None)
    assert [ids[:1], ids[1:2], ids[2:]] == [claim(database, FIRST) for _ in range(3)]
