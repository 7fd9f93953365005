"""
The Prefect runs that open fixes need: asked for under a key that gives one run for each time a fix is to be taken up.

Whoever asks asks for all: triage for what it just opened, and the net of every minute for what a dead run left.
"""

from dataclasses import dataclass, replace
from typing import cast

from prefect import task
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from sqlmodel import Session

from db import crashes, defects, fixes, leases, models
from tasks.core import recovery, triage
from tasks.core.recovery import FixStanding
from tasks.steps import analysts, runs
from tasks.steps.workspace import Workspace, workspace

FIX_DEPLOYMENT = "fix-pattern/default"
PUBLISH_DEPLOYMENT = "open-pull-request/default"


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """A run that a fix needs; ``queue`` is None for the deployment's own."""

    fix_id: int
    deployment: str
    name: str
    key: str
    queue: str | None = None


@task(name="start fixes", retries=1, retry_delay_seconds=2)
def start_fixes() -> list[int]:
    """
    Ask Prefect for a run of each fix that none has, from where the fix stands; asking twice gives the same run.

    A fix that stalls too often fails instead. Where the deployment is not served yet the fixes stay in the database,
    and the next ingest asks again.
    """
    room = workspace()
    if room.settings.configuration.mode == "preview":
        return []
    started = []
    for request in _requests(room):
        try:
            if not _is_alive(request_run(request)):
                _ask_for_another(room, request)
        except ObjectNotFound:
            break
        started.append(request.fix_id)
    return started


def request_run(request: RunRequest) -> FlowRun:
    """
    Ask Prefect for a run; an earlier one that was asked for with the same key is returned as it is now.

    Raises:
        ObjectNotFound: Prefect does not know the deployment.
    """
    run = run_deployment(
        request.deployment,
        parameters={"fix_id": request.fix_id},
        timeout=0,
        idempotency_key=request.key,
        flow_run_name=request.name,
        work_queue_name=request.queue,
        as_subflow=False,
    )
    # Outside of an event loop Prefect's call is a plain one, though its type says either.
    return cast("FlowRun", run)


def publication_of(session: Session, fix: models.Fix) -> RunRequest:
    """Return the run that publishes a fix."""
    key = f"crashflow-publish-{fix.id}-{fix.head_commit}-{fix.taken_up}"
    name = f"pull request of {name_of(session, fix)}"
    return RunRequest(fix_id=fix.id, deployment=PUBLISH_DEPLOYMENT, name=name, key=key)


def name_of(session: Session, fix: models.Fix) -> str:
    """Return the name under which people see the run of a fix."""
    defect = defects.get(session, fix.defect_id)
    return f"fix {fix.id}: {defect.signature if defect else 'unknown defect'}"[:120]


def standing(fix: models.Fix, *, is_held: bool) -> FixStanding:
    """Return where a fix stands for those who decide what becomes of it."""
    return FixStanding(
        state=fix.state,
        is_held=is_held,
        has_lease=fix.lease_until is not None,
        has_commit=fix.head_commit is not None,
        stalls=fix.stalls,
    )


def _requests(room: Workspace) -> list[RunRequest]:
    """Decide about every open fix; what the database alone can do is done here."""
    requests = []
    with room.database.transaction() as session:
        for fix, is_held in fixes.standings(session):
            can_be_asked = fix.state in ("ANALYSIS_PENDING", "ANALYZING") and analysts.can_be_asked(session, room, fix)
            stands = replace(standing(fix, is_held=is_held), can_be_asked=can_be_asked)
            what = recovery.recovery_of(stands)
            if what == "start the fix":
                requests.append(_repair_of(session, fix))
            elif what == "start its publication":
                requests.append(publication_of(session, fix))
            elif what == "fail":
                fixes.fail(session, fix, recovery.failure_of(stands), runs.flow_run_id())
            elif what == "release":
                leases.release_fix(session, fix)
    return requests


def _repair_of(session: Session, fix: models.Fix) -> RunRequest:
    crash = crashes.get(session, fix.crash_id)
    return RunRequest(
        fix_id=fix.id,
        deployment=FIX_DEPLOYMENT,
        name=name_of(session, fix),
        key=f"crashflow-fix-{fix.id}-{fix.created_at:%Y%m%d%H%M%S%f}-{fix.taken_up}",
        queue=triage.queue(crash.severity if crash else "medium"),
    )


def _ask_for_another(room: Workspace, request: RunRequest) -> None:
    """The run that has the key ended before it took the fix up: count it, and ask with the key that follows."""
    with room.database.transaction() as session:
        fix = leases.lock_free_fix(session, request.fix_id)
        if fix is None:
            return
        fixes.note_failed_start(session, fix)
        is_repair = request.deployment == FIX_DEPLOYMENT
        another = _repair_of(session, fix) if is_repair else publication_of(session, fix)
    request_run(another)


def _is_alive(run: FlowRun) -> bool:
    return run.state is None or not run.state.is_final()
