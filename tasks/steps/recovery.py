"""
Recovery: what dead runs left is taken up or taken away. Run by the schedule of every minute, and by each runner.

The lease decides, not Prefect's word: a worker that died leaves its runs Running for ever.
"""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import httpx
from prefect import task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from db import dumps, fixes, leases, servers
from tasks.clients import files, identity, orphans
from tasks.core import recovery
from tasks.core.conventions import BRANCH_PREFIX
from tasks.core.errors import CrashflowError
from tasks.core.recovery import RunStanding
from tasks.steps import runs
from tasks.steps.workspace import Workspace, workspace

TAG = "crashflow"
_GOING_ON = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


@task(name="recover", retries=1, retry_delay_seconds=2)
def recover() -> None:
    """End, return and remove what belongs to no living run. Fixes are started again by ``start_fixes``."""
    room = workspace()
    if killed := orphans.end_abandoned(room.settings.state_folder):
        print(f"{killed} processes of dead runs are ended")  # noqa: T201  Prefect logs it
    dead = return_leases(room)
    with suppress(httpx.HTTPError):
        close_runs(room, dead)
    for removed in remove_remains(room):
        print(removed)  # noqa: T201


def return_leases(room: Workspace) -> frozenset[str]:
    """
    End the leases of processes that died on this machine, and put the dumps back that nobody reads any more.

    Returns:
        The ids of the Prefect runs that lost their lease by it.
    """
    with room.database.transaction() as session:
        dead = leases.expire(session, [name for name in leases.processes(session) if identity.is_known_dead(name)])
    with room.database.transaction() as session:
        dumps.return_expired(session, runs.flow_run_id())
    return dead


def close_runs(room: Workspace, dead: frozenset[str] = frozenset()) -> None:
    """
    Set the Prefect runs to crashed that count as going on although nobody works on them.

    Those that are known to be ``dead`` at once, the others when they had time to take a lease.
    """
    with room.database.transaction() as session:
        working = leases.working_runs(session)
    with get_client(sync_client=True) as client:
        ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
        for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=_going_on()), deployment_filter=ours):
            reason = recovery.death_of(_standing(run, working, dead))
            if reason is not None:
                _crash(client, run.id, reason)


def remove_remains(room: Workspace) -> list[str]:
    """Remove worktrees, branches and lock files without an open fix, and old temporary files; say what that was."""
    removed = []
    with room.database.transaction() as session:
        needed = {f"fix-{fix_id}" for fix_id in fixes.at_work(session)}
        branches = {
            server.name: fixes.unpublished_branches(session, servers.ensure(session, server.name))
            for server in room.settings.configuration.server
            if server.source is not None
        }
    for name, unpublished in branches.items():
        # A clone that can't be used now, as on a share that is away, is cleared another time.
        with suppress(CrashflowError):
            repository = room.repository(name)
            removed += repository.clear(room.settings.worktree_folder, needed=needed, prefix=BRANCH_PREFIX)
            removed += [branch for branch in unpublished if repository.remove_unpushed(branch, prefix=BRANCH_PREFIX)]
    removed += files.remove_folders(room.settings.worktree_folder, lambda name: name not in needed)
    removed += files.remove_folders(room.settings.temporary_folder, identity.is_known_dead)
    return [f"removed {what}" for what in removed]


def _standing(run: FlowRun, working: frozenset[str], dead: frozenset[str]) -> RunStanding:
    since = run.state.timestamp if run.state is not None else run.created
    return RunStanding(
        seconds=(datetime.now(tz=UTC) - since).total_seconds() if since is not None else 0.0,
        is_working=str(run.id) in working,
        has_lost_lease=str(run.id) in dead,
    )


def _crash(client: SyncPrefectClient, run_id: UUID, reason: str) -> None:
    children = FlowRunFilter(state=_going_on(), parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run_id]))
    for child in client.read_flow_runs(flow_run_filter=children):
        _crash(client, child.id, reason)
    with suppress(ObjectNotFound):
        client.set_flow_run_state(run_id, Crashed(message=reason), force=True)


def _going_on() -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_GOING_ON)))
