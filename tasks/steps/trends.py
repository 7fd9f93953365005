"""Scheduled reports: what the views say of trends and of fixes, as artifacts and as files."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from prefect import task
from sqlalchemy import text
from sqlmodel import Session

from db import rollups
from tasks.clients import plots
from tasks.core import markdown, trend_report
from tasks.core.trend_report import FixFacts, TrendFacts
from tasks.steps import promotions, report, runs
from tasks.steps.workspace import Workspace, workspace

DAYS = 28
_DRAWN = 5
_ENDINGS = text(
    "SELECT fix.id AS fix_id, fix.state, coalesce(defect.title, defect.signature) AS signature, ("
    "SELECT transition.reason FROM transition WHERE transition.entity = 'fix' AND transition.entity_id = fix.id"
    " AND transition.state_to = fix.state ORDER BY transition.id DESC LIMIT 1) AS reason"
    " FROM fix JOIN defect ON defect.id = fix.defect_id WHERE fix.state IN ('FAILED', 'REJECTED')"
    " ORDER BY fix.id DESC LIMIT 15"
)


@task(name="compact rollups")
def compact_rollups() -> int:
    """Bring the daily counts into their shortest form."""
    with workspace().database.transaction() as session:
        return rollups.compact(session)


@task(name="report trends")
def report_trends() -> str:
    """Publish what got worse and what got better."""
    room = workspace()
    facts, plot = trends_of(room, datetime.now(UTC).date())
    runs.publish_report("trends", trend_report.render_trends(facts, plot), trend_report.headline(facts))
    report.write_report(room, "trends.md", trend_report.render_trends(facts))
    return trend_report.headline(facts)


@task(name="report fixes")
def report_fixes() -> None:
    """Publish what fixes came to."""
    room = workspace()
    facts, plot = fixes_of(room)
    runs.publish_report(
        "fixes", trend_report.render_fixes(facts, plot), "What fixes came to, and the figures of crashflow"
    )
    report.write_report(room, "fixes.md", trend_report.render_fixes(facts))


def trends_of(room: Workspace, today: date) -> tuple[TrendFacts, str]:
    """Collect the report of trends, and draw its plot."""
    since = today - timedelta(days=DAYS - 1)
    with room.database.transaction() as session:
        facts = TrendFacts(
            today=today,
            crashers=rollups.view(session, "top_crasher"),
            daily=rollups.daily(session, since),
            components=rollups.view(session, "component_summary", trend_report.SHOWN),
            between=rollups.view(session, "time_between_crashes"),
        )
        return facts, _plot(session, facts, since)


def fixes_of(room: Workspace) -> tuple[FixFacts, str]:
    """Collect the report of fixes, and draw its plot."""
    with room.database.transaction() as session:
        facts = FixFacts(
            rates=rollups.view(session, "fix_success_rate"),
            figures=rollups.view(session, "kpi"),
            endings=[dict(row) for row in session.execute(_ENDINGS).mappings()],
            repeated=promotions.worth_a_pattern(session),
        )
    rows = [
        (
            " ".join(word for word in (row["route"], row["template"], row["pattern"]) if word),
            *(float(row[name]) for name in ("success_rate", "low", "high")),
        )
        for row in facts.rates
        if row["ended"]
    ]
    return facts, plots.shares(rows) if rows else ""  # type: ignore[arg-type]


def _plot(session: Session, facts: TrendFacts, since: date) -> str:
    if not facts.daily:
        return ""
    days = [since + timedelta(days=number) for number in range(DAYS)]
    counts = {(day, server): crashes for day, server, crashes in facts.daily}
    servers = {
        server: [counts.get((day, server), 0) for day in days] for server in sorted({server for _, server in counts})
    }
    grown = sorted((row for row in facts.crashers if row["defect_id"]), key=lambda row: -row["change"])[:_DRAWN]
    found = rollups.daily_of_defects(session, [row["defect_id"] for row in grown], since)
    defects = {_label(row["defect_id"], row["signature"]): _series(found, row["defect_id"], days) for row in grown}
    return plots.crashes_by_day(days, servers, defects)


def _series(found: dict[int, dict[date, int]], defect_id: int, days: Sequence[date]) -> list[int]:
    return [found.get(defect_id, {}).get(day, 0) for day in days]


def _label(defect_id: int, signature: str) -> str:
    return f"{defect_id}: {markdown.one_line(signature, limit=60)}"
