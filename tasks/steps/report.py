"""Reports: what people see of crashes and fixes in the UI, and the same texts as files."""

from pathlib import Path

from prefect import task
from sqlmodel import Session

from db import crashes, defects, dumps, fixes, models, patterns, servers
from tasks.clients.files import write_atomically
from tasks.core import gates, reports
from tasks.core.reports import CrashReport, FixReport
from tasks.steps import runs
from tasks.steps.workspace import Workspace, workspace

REPORTED_CRASHES = 25
"""Reports of one chunk: in a storm the first ones say what there is to say, all crashes stay in the database."""


def ingest_run_name() -> str:
    """Return the name under which people see an ingest run."""
    with workspace().database.transaction() as session:
        count = dumps.count_waiting(session)
    return f"ingest {count} dump{'' if count == 1 else 's'}"


@task(name="report")
def report_crashes(crash_ids: list[int]) -> None:
    """Publish the report of each crash, and announce it."""
    room = workspace()
    for crash_id in crash_ids[:REPORTED_CRASHES]:
        with room.database.transaction() as session:
            report = crash_report(session, crash_id)
        text = reports.render_crash(report)
        write_report(room, f"crash-{crash_id}.md", text)
        runs.publish_report(f"crash-{crash_id}", text, report.signature[:200])
        runs.announce(
            "crashflow.crash.detected",
            resource=f"crashflow.crash.{crash_id}",
            name=report.signature,
            payload={
                "crash_id": crash_id,
                "defect_id": report.defect_id,
                "server": report.server,
                "severity": report.severity,
            },
        )


@task(name="report fix")
def report_fix(fix_id: int) -> None:
    """Publish where a fix stands, and write its patch as a file."""
    room = workspace()
    with room.database.transaction() as session:
        report = fix_report(session, fix_id)
    text = reports.render_fix(report)
    write_report(room, f"fix-{fix_id}.md", text)
    if report.patch:
        write_atomically(room.settings.report_folder / f"fix-{fix_id}.patch", report.patch, mode=0o600)
    runs.publish_report(f"fix-{fix_id}", text, f"{report.state}: {report.signature}"[:200])
    event = {"FAILED": "crashflow.fix.failed", "AWAITING_APPROVAL": "crashflow.fix.ready"}.get(report.state)
    if event:
        runs.announce(
            event,
            resource=f"crashflow.fix.{fix_id}",
            name=report.signature,
            payload={
                "fix_id": fix_id,
                "state": report.state,
                "reason": report.reason,
                "pull_request": report.pull_request,
            },
        )


def write_report(room: Workspace, name: str, text: str) -> Path:
    """Write a report into the folder of reports, readable by its owner."""
    path = room.settings.report_folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode("utf-8"), mode=0o600)
    return path


def crash_report(session: Session, crash_id: int) -> CrashReport:
    """Collect what the report of a crash shows."""
    row = crashes.get(session, crash_id)
    assert row is not None
    defect = defects.get(session, row.defect_id) if row.defect_id is not None else None
    match = crashes.match_of(session, crash_id)
    placement = {
        "learned": "its first crash",
        "matched": f"placed there with score {row.placement_score or 0:.2f}",
        "needs_symbols": "needs symbols",
    }
    return CrashReport(
        crash_id=crash_id,
        server=servers.name_of(session, row.server_id),
        occurred_at=row.occurred_at.astimezone(),
        crash=crashes.value(row),
        signature=row.signature,
        in_app=tuple(row.in_app),
        location=_place(row),
        severity=row.severity,
        category=row.category,
        components=tuple(row.components),
        is_bot_related=row.is_bot_related,
        hypothesis=row.hypothesis,
        suggestions=tuple(row.suggestions),
        placement=placement[row.placement],
        defect_id=defect.id if defect else None,
        defect_count=defect.crash_count if defect else 0,
        pattern=patterns.get(session, match.pattern_id).slug if match else None,
        match={"score": match.score, "location": match.location, "matched": match.matched, "missing": match.missing}
        if match
        else None,
        log_window=row.log_window,
        similar=tuple(f"crash {other.id} of {other.occurred_at:%Y-%m-%d}" for other in crashes.similar(session, row)),
    )


def fix_report(session: Session, fix_id: int) -> FixReport:
    """Collect what the report of a fix shows."""
    fix = fixes.get(session, fix_id)
    assert fix is not None
    defect = defects.get(session, fix.defect_id)
    attempt = fixes.last_attempt(session, fix_id)
    results = fixes.gates(session, fix_id)
    pull_request = fixes.pull_request_of(session, fix_id)
    return FixReport(
        fix_id=fix_id,
        signature=defect.signature if defect else "unknown defect",
        state=fix.state,
        route=fix.route,
        reason=(attempt.error if attempt and fix.state == "FAILED" else None) or fix.reason,
        explanation=fix.explanation,
        confidence=gates.confidence({result.gate: result.outcome for result in results}),  # type: ignore[misc]
        branch=fix.branch,
        head_commit=fix.head_commit,
        patch=attempt.patch if attempt else None,
        gates=tuple((result.gate, result.outcome, result.detail, result.seconds) for result in results),
        pull_request=pull_request.url if pull_request else None,
    )


def _place(row: models.Crash) -> str:
    file = f" ({row.location_file}:{row.location_line})" if row.location_file else ""
    return f"{row.location_function or 'unknown'}{file}"
