"""``crashflow defects list`` and ``show``: what is known of defects, and what people decided about them."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text

from db import crashes, decisions, defects
from db.settings import Settings
from deployments import console
from tasks.core import markdown
from tasks.steps.workspace import open_workspace

_CRASHES_SHOWN = 10
_LIST = text(
    "SELECT defect_id, coalesce(title, signature) AS signature, crash_count, first_seen, last_seen, state, pattern,"
    " route, fix_state FROM defect_summary WHERE (:state)::text IS NULL OR state = :state"
    " ORDER BY last_seen DESC, defect_id DESC LIMIT :limit"
)
_SHOW = text("SELECT * FROM defect_summary WHERE defect_id = :id")


def show_all(settings: Settings, *, state: str | None, limit: int, is_json: bool) -> None:
    """Print a row for each defect, the newest first."""
    with open_workspace(settings).database.transaction() as session:
        rows = [dict(row) for row in session.execute(_LIST, {"state": state, "limit": limit}).mappings()]
    if is_json:
        for row in rows:
            console.raw(json.dumps(row, default=_json))
        return
    console.table(
        ("defect", "signature", "crashes", "last seen", "state", "pattern", "fix"),
        (
            (
                row["defect_id"],
                markdown.one_line(row["signature"], limit=100),
                row["crash_count"],
                f"{row['last_seen'].astimezone():%Y-%m-%d %H:%M}",
                row["state"],
                row["pattern"],
                row["fix_state"] or row["route"],
            )
            for row in rows
        ),
    )


def show_one(settings: Settings, defect_id: int, *, is_json: bool) -> None:
    """
    Print what is known of one defect.

    Raises:
        NotFoundError: there is none of this id.
    """
    with open_workspace(settings).database.transaction() as session:
        defect = decisions.find(session, defect_id)
        facts: dict[str, Any] = dict(session.execute(_SHOW, {"id": defect.id}).mappings().one())
        facts |= {"shape": list(defect.in_app), "assertion": defect.assertion, "learned_of": defect.shape_crashes}
        newest = crashes.newest(session, defect.id)
        similar = ([newest, *crashes.similar(session, newest, _CRASHES_SHOWN - 1)]) if newest else []
        facts["crashes"] = [
            {"crash_id": row.id, "occurred_at": row.occurred_at, "build": row.build, "signature": row.signature}
            for row in similar
        ]
        facts["near"] = [
            {"defect_id": other.id, "signature": other.signature, "crash_count": other.crash_count}
            for other in defects.at_location(session, defect, _CRASHES_SHOWN)
        ]
        facts["decisions"] = [
            {"at": each.at, "kind": each.kind, "by": each.by, "told": each.told, "comment": each.comment}
            for each in decisions.of_defect(session, defect.id)
        ]
    if is_json:
        console.raw(json.dumps(facts, default=_json))
        return
    _print(facts)


def _print(facts: dict[str, Any]) -> None:
    console.line(facts["title"] or facts["signature"])
    names = ("defect_id", "state", "crash_count", "first_seen", "last_seen", "mean_time_between", "first_build")
    for name in (*names, "last_build", "pattern", "route", "route_reason", "decided_template", "fix_id", "fix_state"):
        if facts[name] is not None:
            console.line(f"  {name.replace('_', ' '):<18}{_plain(facts[name])}")
    console.line(f"  {'known by':<18}{' < '.join(facts['shape']) or 'exact keys only'}")
    for row in facts["crashes"]:
        console.line(f"  crash {row['crash_id']:<12}{_plain(row['occurred_at'])}  {row['build'] or ''}")
    for row in facts["near"]:
        console.line(f"  near: defect {row['defect_id']} ({row['crash_count']} crashes) {row['signature']}")
    for each in facts["decisions"]:
        told = json.dumps(each["told"], default=_json)
        console.line(f"  {_plain(each['at'])}  {each['kind']} by {each['by']}: {told} {each['comment'] or ''}".rstrip())


def _plain(value: Any) -> str:
    return f"{value.astimezone():%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
