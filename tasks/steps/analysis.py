"""Questions about novel defects: each fix that waits for an analysis has one request in the queue folder."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import task
from sqlmodel import Session, col, select

from db import crashes, dumps, fixes, models, reviews, servers
from tasks.clients.analysis_queue import AnalysisQueue
from tasks.core import analysis, logs, reports
from tasks.core.analysis import AnalysisRequest, RequestFacts
from tasks.steps import reading, server_logs
from tasks.steps.workspace import workspace


@task(name="request analyses", retries=2, retry_delay_seconds=1)
def request_analyses() -> list[str]:
    """Write the request of each fix that waits for an analysis and has none yet; return the paths of their files."""
    room = workspace()
    queue = AnalysisQueue(room.settings.queue_folder)
    with room.database.transaction() as session:
        waiting = session.exec(select(models.Fix).where(col(models.Fix.state) == "ANALYSIS_PENDING")).all()
        return [str(_ask(session, queue, fix)) for fix in waiting if not _is_asked(session, fix)]


def _is_asked(session: Session, fix: models.Fix) -> bool:
    """Say whether a fix has a question that is not older than what a reviewer wished of it last."""
    question, wish = fixes.analysis_of(session, fix.id), reviews.last_wish(session, fix.id)
    return question is not None and (wish is None or wish.at <= question.created_at)


def _ask(session: Session, queue: AnalysisQueue, fix: models.Fix) -> Path:
    crash = crashes.get(session, fix.crash_id)
    assert crash is not None
    request = _request(session, fix, crash)
    path = queue.put(request)
    fixes.add_analysis(
        session,
        models.Analysis(
            fix_id=fix.id,
            request_id=request.request_id,
            back_end="queue",
            state="waiting",
            request=request.model_dump(mode="json"),
            request_path=str(path),
        ),
    )
    return path


def _request(session: Session, fix: models.Fix, crash: models.Crash) -> AnalysisRequest:
    server = workspace().server(servers.name_of(session, crash.server_id))
    saved = server_logs.saved(dumps.tails(session, crash.dump_id), server)
    windows = reading.windows(saved, crash.occurred_at, server_logs.zone_of(server))
    value = crashes.value(crash)
    place = f"{crash.location_file}:{crash.location_line}" if crash.location_file else None
    wishes = [row for row in reviews.of_fix(session, fix.id) if row.decision == "changes"]
    attempt = fixes.last_attempt(session, fix.id)
    facts = RequestFacts(
        crash_id=str(crash.id),
        occurred_at=crash.occurred_at,
        exception_code=crash.code or crash.signal or crash.kind,
        location=place,
        function=crash.location_function,
        message=crash.message,
        call_stack=tuple(f"#{frame.index} {reports.describe_frame(frame)}" for frame in value.frames),
        category=crash.category,
        severity=crash.severity,  # type: ignore[arg-type]  # a CHECK of the table's writer
        is_bot_related=crash.is_bot_related,
        hypothesis=crash.hypothesis,
        suggestions=tuple(crash.suggestions),
        report=logs.correlate(windows),
        windows=windows,
        wishes=tuple(row.comment for row in wishes),
        patch=attempt.patch if wishes and attempt else None,
    )
    identity = f"fix {fix.id} {fix.created_at.isoformat()} {crash.fingerprint}"
    if wishes:
        identity += f" review {wishes[-1].id}"
    return analysis.build_request(facts, identity=identity, now=datetime.now(tz=UTC))
