"""How far the stored crashes were read again, chunk by chunk, so that a run that ended goes on where it stopped."""

from collections.abc import Sequence

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from db.history_models import ReprocessRun
from db.models import Crash, Match


def begin(session: Session, rules: str, flow_run_id: str | None) -> ReprocessRun:
    """Go on with the unfinished run of the same rules, or begin one over all crashes that there are now."""
    query = select(ReprocessRun).where(ReprocessRun.rules == rules, col(ReprocessRun.finished_at).is_(None))
    unfinished = session.exec(query.order_by(col(ReprocessRun.id).desc())).first()
    if unfinished is not None:
        return unfinished
    until = session.execute(text("SELECT coalesce(max(id), 0) FROM crash")).scalar_one()
    run = ReprocessRun(rules=rules, until_crash_id=until, flow_run_id=flow_run_id)
    session.add(run)
    session.flush()
    session.refresh(run)
    return run


def get(session: Session, run_id: int) -> ReprocessRun:
    """Return a run by its id."""
    return session.exec(select(ReprocessRun).where(ReprocessRun.id == run_id)).one()


def rows_after(session: Session, crash_id: int, until: int, limit: int) -> list[Crash]:
    """Return the next crashes in the order in which they were stored."""
    query = select(Crash).where(col(Crash.id) > crash_id, col(Crash.id) <= until)
    return list(session.exec(query.order_by(col(Crash.id)).limit(limit)))


def matches_of(session: Session, crash_ids: Sequence[int]) -> dict[int, int]:
    """Return the pattern rows that crashes match, by the crashes' ids."""
    query = select(Match.crash_id, Match.pattern_id).where(col(Match.crash_id).in_(crash_ids))
    return dict(session.exec(query).all())


def advance(session: Session, run_id: int, last_crash_id: int, counts: tuple[int, int, int]) -> None:
    """Note that all crashes up to one are done; ``counts`` are how many were seen, changed and moved."""
    run = get(session, run_id)
    run.last_crash_id = last_crash_id
    run.seen, run.changed, run.moved = run.seen + counts[0], run.changed + counts[1], run.moved + counts[2]
    run.updated_at = session.execute(select(func.now())).scalar_one()
    session.add(run)


def finish(session: Session, run_id: int) -> ReprocessRun:
    """End a run."""
    run = get(session, run_id)
    run.finished_at = session.execute(select(func.now())).scalar_one()
    session.add(run)
    return run
