"""The story of a crash and of a fix, collected from the database for reports and summaries. Imports no Prefect."""

from sqlmodel import Session

from db import crashes, defects, fixes, models, patterns, servers
from tasks.core import gates
from tasks.core.reports import CrashReport, FixReport


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
