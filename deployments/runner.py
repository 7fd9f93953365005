"""
The process that runs our flows: makes the work pool, registers the catalogue, and works off the pool's queues.

It forks a process for that, and one for each run (see ``run_forks``). The work is done by two of Prefect's process
workers, so that a run which reads or publishes never waits behind builds. On another machine the same process, or
``prefect worker start --pool crashflow``, takes runs from the same pool.
"""

import contextlib
import os
import signal
import socket
import tempfile
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio
import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectException
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.settings import get_current_settings
from prefect.workers.process import ProcessWorker

from deployments import console, notifications, run_forks
from deployments.catalogue import CATALOGUE, COMMAND, CREWS, POOL, QUEUES, Deployment
from deployments.prefect_api import PrefectApi, ensure_limits
from tasks.core.errors import ConfigurationError, CrashflowError
from tasks.steps import leases, recovery, starting
from tasks.steps.workspace import workspace

RECOVERY_S = 30.0
"""How often the process that runs our flows looks for what dead ones left."""


def worker_name(crew: str, pid: int) -> str:
    """Return the name under which a crew of a runner process is seen in the UI."""
    return f"{crew} on {socket.gethostname()} ({pid})"


def register() -> None:
    """
    Bring pool, queues, limits and deployments to what the catalogue says, and notifications to what the user wants.

    A deployment whose definition is the registered one is left as it is, with what people changed of it in the UI.
    """
    with get_client(sync_client=True) as client:
        ensure_limits(PrefectApi(url=str(client.api_url).rstrip("/")))
        _ensure_pool(client)
        for deployment in CATALOGUE:
            _ensure_deployment(client, deployment)
        try:
            notifications.ensure(client, workspace().settings.configuration.notify)
        except ConfigurationError as error:
            console.line(f"Nobody is told of fixes: {error}")
        _forget_missed(client)


def _ensure_pool(client: SyncPrefectClient) -> None:
    template: dict[str, Any] = ProcessWorker.get_default_base_job_template()
    pool = WorkPoolCreate(
        name=POOL, type="process", description="Runs the flows of crashflow.", base_job_template=template
    )
    with contextlib.suppress(ObjectAlreadyExists):
        client.create_work_pool(pool)
    known = {queue.name: queue for queue in client.read_work_queues(work_pool_name=POOL)}
    for priority, name in enumerate(QUEUES, start=1):
        if name not in known:
            # Another runner may be at the same.
            with contextlib.suppress(ObjectAlreadyExists):
                client.create_work_queue(name=name, priority=priority, work_pool_name=POOL)


def _ensure_deployment(client: SyncPrefectClient, deployment: Deployment) -> None:
    try:
        if client.read_deployment_by_name(deployment.full_name).version == deployment.version:
            return
    except ObjectNotFound:
        pass
    flow: Flow[..., Any] = load_flow_from_entrypoint(deployment.entrypoint)
    schedules = (
        [DeploymentScheduleCreate(schedule=CronSchedule(cron=deployment.cron, timezone="UTC"))]
        if deployment.cron
        else []
    )
    options = ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy(deployment.collision))
    client.create_deployment(
        flow_id=client.create_flow_from_name(flow.name),
        name=deployment.name,
        version=deployment.version,
        parameters=deployment.parameters,
        description=deployment.description,
        tags=list(deployment.tags),
        entrypoint=deployment.entrypoint,
        schedules=schedules,
        concurrency_limit=deployment.limit,
        concurrency_options=options if deployment.limit else None,
        work_pool_name=POOL,
        work_queue_name=deployment.queue,
        job_variables={"command": COMMAND},
        parameter_openapi_schema=flow.parameters.model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
        pull_steps=[],
        paused=False,
    )


def _forget_missed(client: SyncPrefectClient) -> None:
    """Delete the runs whose time came while no server ran: one run of today does what a hundred of yesterday would."""
    missed = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(tz=UTC)),
    )
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=["crashflow"]))
    for run in client.read_flow_runs(flow_run_filter=missed, deployment_filter=ours):
        if run.auto_scheduled:
            with contextlib.suppress(ObjectNotFound):
                client.delete_flow_run(run.id)


def recover() -> None:
    """Take up what dead runs left, as the schedule does; what fails here is tried again soon."""
    try:
        recovery.recover.fn()
        starting.start_fixes.fn()
        # The runs have connections of their own; an idle one here would keep the database from being stopped.
        workspace().database.close()
    except (CrashflowError, PrefectException, httpx.HTTPError, OSError, *leases.OUTAGE) as error:
        console.line(f"What dead runs left is taken up a little later: {error}")


async def work(pid: int) -> None:
    """Take runs from the pool until the process is told to end, and look after dead ones; ``pid`` names the workers."""
    async with anyio.create_task_group() as group:
        group.start_soon(_recover_regularly)
        for crew, (queues, limit) in CREWS.items():
            worker = ProcessWorker(
                work_pool_name=POOL, work_queues=list(queues), name=worker_name(crew, pid), limit=limit
            )
            group.start_soon(partial(worker.start))


async def _recover_regularly() -> None:
    """A run that died before it began may hold the place of the very run by which the schedule would find that out."""
    while True:
        await anyio.sleep(RECOVERY_S)
        await anyio.to_thread.run_sync(recover)


def main() -> None:
    """Register, take up what dead runs left, then work until SIGTERM; a fork of this process does a run instead."""
    work_here = partial(_work_here, os.getpid())
    if run_forks.is_possible():
        run_forks.serve(work_here)()
    else:
        work_here()


def _work_here(pid: int) -> None:
    # Prefect keeps files of its runs in one folder below the system's temporary one, which the first user owns.
    folder = get_current_settings().home / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(folder)
    register()
    recover()
    # Prefect's worker gives its runs back when it is interrupted; SIGTERM alone would just end it.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with contextlib.suppress(KeyboardInterrupt):
        anyio.run(work, pid)


if __name__ == "__main__":
    main()
