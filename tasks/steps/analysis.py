"""Questions about novel defects: each fix that waits for an analysis has one request in the queue folder."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import task
from sqlmodel import Session, col, select

from db import crashes, dumps, fixes, models, reviews, servers
from tasks.clients.analysis_queue import AnalysisQueue
from tasks.core import analysis, logs, reports
from tasks.core.analysis import AnalysisRequest, RequestFacts
from tasks.steps import analysts, reading, server_logs
from tasks.steps.workspace import workspace


@task(name="request analyses", retries=2, retry_delay_seconds=1)
def request_analyses() -> list[str]:
    """
    Write the request of each fix that waits for an analysis and has none yet; return the paths of their files.

    Where another analyst than the queue is configured there is nothing to write: the runs of the fixes ask it. What
    somebody began and did not answer in time goes back to where others find it.
    """
    room = workspace()
    settings = room.settings.configuration.analyst
    if analysts.back_end_of(settings) != "queue":
        return []
    queue = AnalysisQueue(room.settings.queue_folder)
    returned = queue.give_back(settings.timeout_s)
    with room.database.transaction() as session:
        for request_id in returned:
            _tell_returned(session, request_id, settings.timeout_s)
        waiting = session.exec(select(models.Fix).where(col(models.Fix.state) == "ANALYSIS_PENDING")).all()
        return [str(_ask(session, queue, fix)) for fix in waiting if not _is_asked(session, fix)]


def _tell_returned(session: Session, request_id: str, timeout_s: int) -> None:
    question = session.exec(select(models.Analysis).where(models.Analysis.request_id == request_id)).first()
    fix = session.get(models.Fix, question.fix_id) if question is not None else None
    if fix is not None and fix.state == "ANALYSIS_PENDING":
        fix.reason = f"waits: who began its question gave no answer in {timeout_s} s; it lies in requests/ again"
        session.add(fix)


def identify(identity: str) -> str:
    """Return the id of the request that is named by an identity."""
    return analysis.request_id(identity)


def _is_asked(session: Session, fix: models.Fix) -> bool:
    question = fixes.analysis_of(session, fix.id)
    is_there = question is not None and question.back_end == "queue"
    return is_there and question is not None and not analysts.is_outdated(session, fix, question)


def _ask(session: Session, queue: AnalysisQueue, fix: models.Fix) -> Path:
    crash = crashes.get(session, fix.crash_id)
    assert crash is not None
    request = request_of(session, fix, crash)
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


def request_of(session: Session, fix: models.Fix, crash: models.Crash) -> AnalysisRequest:
    """Return the request about a fix's crash, with what reviewers wished of the patch that was there."""
    server = workspace().server(servers.name_of(session, crash.server_id))
    saved = server_logs.saved(dumps.tails(session, crash.dump_id), server)
    windows = reading.windows(saved, crash.occurred_at, server_logs.zone_of(server))
    value = crashes.value(crash)
    place = f"{crash.location_file}:{crash.location_line}" if crash.location_file else None
    wished = [row.comment for row in reviews.of_fix(session, fix.id) if row.decision == "changes"]
    failed = [each for each in fixes.attempts_of(session, fix.id) if each.origin.startswith("queue") and each.error]
    wishes = [*wished, *(f"The patch failed: {each.error}" for each in failed)]
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
        wishes=tuple(wishes),
        patch=attempt.patch if wishes and attempt else None,
    )
    identity = f"fix {fix.id} {fix.created_at.isoformat()} {crash.fingerprint}"
    if wishes:
        identity += f" wishes {len(wishes)}"
    question = fixes.analysis_of(session, fix.id)
    if question is not None and question.back_end != analysts.back_end_of(workspace().settings.configuration.analyst):
        # Another analyst is asked now: the question that the first one has stays its own.
        identity += f" after {question.request_id}"
    return analysis.build_request(facts, identity=identity, now=datetime.now(tz=UTC))
