"""
Leases: who works on a dump or a fix. A process renews its own as long as it lives, and proves it before each write.

The token is the process, not the Prefect run: a run that Prefect repeats keeps its id, and the process that was paused
in its middle must not write beside the new one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Update, column, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel, col, select

from db.models import Dump, Fix, WorkingRun
from tasks.core import states
from tasks.core.errors import LeaseLostError, NotFoundError

LEASE = timedelta(seconds=90)
HEARTBEAT_S = 20.0
"""How often a lease is renewed: three renewals may be late before it ends."""

_LEASED: tuple[tuple[type[SQLModel], Any, Any], ...] = (
    (WorkingRun, col(WorkingRun.process), col(WorkingRun.process)),
    (Dump, col(Dump.id), col(Dump.lease_process)),
    (Fix, col(Fix.id), col(Fix.lease_process)),
)
"""What holds a lease: the table, its key, and who has the lease."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process that no other equals, and the Prefect run that it works for, if any."""

    process: str
    run_id: str | None = None


def begin(session: Session, holder: Holder) -> None:
    """Note that a process works from now on."""
    until = func.now() + LEASE
    statement = insert(WorkingRun).values(process=holder.process, run_id=holder.run_id, lease_until=until)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["process"], set_={"run_id": holder.run_id, "lease_until": until}
        )
    )


def end(session: Session, holder: Holder) -> None:
    """Note that a process has ended its work."""
    session.execute(text("DELETE FROM working_run WHERE process = :process"), {"process": holder.process})


def renew(session: Session, holder: Holder) -> None:
    """Renew everything that a process holds. What its own transactions have locked right now they renew themselves."""
    for table, key, process in _LEASED:
        mine = select(key).where(process == holder.process).with_for_update(skip_locked=True)
        _change(session, update(table).where(key.in_(mine)).values(lease_until=func.now() + LEASE))


def fixes_of(session: Session, holder: Holder) -> frozenset[int]:
    """Return the ids of the fixes that a process holds."""
    return frozenset(session.exec(select(Fix.id).where(Fix.lease_process == holder.process)))


def take_fix(session: Session, fix_id: int, holder: Holder) -> Fix:
    """
    Take up a fix that nobody works on.

    Raises:
        NotFoundError: there is no such fix.
        LeaseLostError: another process works on it, or it is closed.
    """
    known = session.get(Fix, fix_id)
    if known is None:
        raise NotFoundError(f"There is no fix {fix_id}.")
    if known.state in states.FIX_ENDS:
        raise LeaseLostError(f"Fix {fix_id} is {known.state} already, so there is nothing to do.")
    fix = lock_free_fix(session, fix_id)
    if fix is None:
        raise LeaseLostError(f"Another run works on fix {fix_id}, so this one does not.")
    fix.lease_process = holder.process
    fix.taken_up += 1
    fix.stalls += 1
    return _extended(session, fix)


def lock_free_fix(session: Session, fix_id: int) -> Fix | None:
    """
    Return a fix that nobody holds for being changed; None where somebody does.

    A process that was paused amid a transaction has the row locked: that is holding too, and is not waited for.
    """
    is_free = col(Fix.lease_until).is_(None) | (col(Fix.lease_until) <= func.now())
    query = select(Fix).where(Fix.id == fix_id, is_free, col(Fix.state).not_in(states.FIX_ENDS))
    return session.exec(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)).first()


def hold_fix(session: Session, fix_id: int, holder: Holder) -> Fix:
    """
    Return a fix for being written by the process that holds it; nobody can take it before the transaction ends.

    Raises:
        NotFoundError: there is no such fix.
        LeaseLostError: the process does not hold it any more.
    """
    query = select(Fix).where(Fix.id == fix_id).with_for_update().execution_options(populate_existing=True)
    fix = session.exec(query).first()
    if fix is None:
        raise NotFoundError(f"There is no fix {fix_id}.")
    if fix.lease_process != holder.process:
        raise LeaseLostError(f"Fix {fix_id} is not this run's any more: it did not renew its lease in time.")
    return _extended(session, fix)


def release_fix(session: Session, fix: Fix) -> None:
    """Give a fix back that no run works on any more."""
    fix.lease_until = fix.lease_process = None
    session.add(fix)


def release_all(session: Session, holder: Holder) -> None:
    """Give back every fix that a process holds, in order: that is no stall."""
    released = text(
        "UPDATE fix SET lease_until = NULL, lease_process = NULL, stalls = greatest(stalls - 1, 0)"
        " WHERE lease_process = :process"
    )
    session.execute(released, {"process": holder.process})


def processes(session: Session) -> frozenset[str]:
    """Return the processes that hold anything, by what they said last."""
    found: set[str] = set()
    for table, _, process in _LEASED:
        query = select(process).select_from(table).where(process.is_not(None), column("lease_until") > func.now())
        found |= set(session.exec(query.distinct()))
    return frozenset(found)


def expire(session: Session, gone: Collection[str]) -> frozenset[str]:
    """
    End at once the leases of processes that are known to be dead.

    Returns:
        The ids of the Prefect runs whose processes have lost their lease within the last hour, by this or by the time.
    """
    for table, _, process in _LEASED:
        is_meant = process.in_(gone) & (column("lease_until") > func.now())
        _change(session, update(table).where(is_meant).values(lease_until=func.now()))
    session.execute(text("DELETE FROM working_run WHERE lease_until <= now() - interval '1 hour'"))
    query = select(WorkingRun.run_id).where(col(WorkingRun.lease_until) <= func.now())
    return frozenset(run_id for run_id in session.exec(query) if run_id is not None)


def working_runs(session: Session) -> frozenset[str]:
    """Return the ids of the Prefect runs that work right now, by their own word."""
    query = select(WorkingRun.run_id).where(col(WorkingRun.lease_until) > func.now())
    return frozenset(run_id for run_id in session.exec(query) if run_id is not None)


def _extended(session: Session, fix: Fix) -> Fix:
    fix.lease_until = session.execute(select(func.clock_timestamp() + LEASE)).scalar_one()
    session.add(fix)
    return fix


def _change(session: Session, statement: Update) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})
