"""
The daily counts of crashes, and what the views answer from them.

Nobody needs to count: triggers of the table ``crash`` append to ``crash_rollup_daily`` what every statement changes,
be it COPY, a move to another defect, or a deletion.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from db.history_models import CrashRollupDaily


def compact(session: Session) -> int:
    """Make one row of all that have equal dimensions, so that the views stay fast; return how many were replaced."""
    return int(session.execute(text("SELECT crash_rollup_compact()")).scalar_one())


def daily(session: Session, since: date) -> list[tuple[date, str, int]]:
    """Return the crashes a day and server from a day on."""
    query = text("SELECT day, server, crashes FROM server_trend_daily WHERE day >= :since ORDER BY day, server")
    return [(day, server, int(crashes)) for day, server, crashes in session.execute(query, {"since": since})]


def daily_of_defects(session: Session, defect_ids: list[int], since: date) -> dict[int, dict[date, int]]:
    """Return the crashes a day of some defects from a day on."""
    query = (
        select(col(CrashRollupDaily.defect_id), col(CrashRollupDaily.day), func.sum(CrashRollupDaily.crashes))
        .where(col(CrashRollupDaily.defect_id).in_(defect_ids), CrashRollupDaily.day >= since)
        .group_by(col(CrashRollupDaily.defect_id), col(CrashRollupDaily.day))
    )
    found: dict[int, dict[date, int]] = {}
    for defect_id, day, crashes in session.exec(query):
        if defect_id is not None:
            found.setdefault(defect_id, {})[day] = int(crashes)
    return found


def view(session: Session, name: str, limit: int | None = None) -> list[Mapping[str, Any]]:
    """Return the rows of one of our views, in the order that the view gives them."""
    if name not in VIEWS:
        raise KeyError(name)
    statement = text(f"SELECT * FROM {name} LIMIT :limit")  # noqa: S608  one of our own names
    return [dict(row) for row in session.execute(statement, {"limit": limit}).mappings()]


VIEWS = ("top_crasher", "component_summary", "time_between_crashes", "kpi", "fix_success_rate", "pattern_summary")
