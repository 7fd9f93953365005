"""What the crash database holds right now, counted for the status of a running installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import Session, col, select

from db.models import Transition
from tasks.core import states


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Dumps that wait for being read, dumps that can't be read, crashes, and the open fixes by their state."""

    waiting_dumps: int = 0
    failed_dumps: int = 0
    crashes: int = 0
    open_fixes: Mapping[str, int] = field(default_factory=dict)


def count(session: Session) -> Overview:
    """Count everything in one round trip for each table."""
    dumps = dict(session.execute(text("SELECT state, count(*) FROM dump GROUP BY state")).tuples().all())
    fixes = dict(session.execute(text("SELECT state, count(*) FROM fix GROUP BY state")).tuples().all())
    crashes: int = session.execute(text("SELECT count(*) FROM crash")).scalar_one()
    return Overview(
        waiting_dumps=dumps.get("CRASH_DETECTED", 0) + dumps.get("PARSING", 0),
        failed_dumps=dumps.get("FAILED", 0),
        crashes=crashes,
        open_fixes={state: fixes[state] for state in states.FIX_STATES if state in fixes and state not in _ENDS},
    )


def last_transition(session: Session) -> int:
    """Return the id of the newest transition, 0 where there is none."""
    return int(session.execute(text("SELECT coalesce(max(id), 0) FROM transition")).scalar_one())


def transitions_after(session: Session, transition_id: int, limit: int) -> list[Transition]:
    """Return the oldest ``limit`` transitions after one, in their order."""
    query = select(Transition).where(col(Transition.id) > transition_id).order_by(col(Transition.id)).limit(limit)
    return list(session.exec(query))


_ENDS = states.FIX_ENDS
