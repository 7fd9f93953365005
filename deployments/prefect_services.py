"""
Prefect on one machine: a server with the UI and the runner of our flows, for as long as a command needs them.

A server that is there already is used: the one that ``PREFECT_API_URL`` names, or that of a running ``crashflow up``.
"""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

import deployments
from db.settings import CONFIGURATION_VARIABLE, STATE_VARIABLE, Settings
from deployments import presence
from deployments.prefect_api import PrefectApi, ensure_limits
from tasks.clients import identity, orphans, process
from tasks.core.errors import CrashflowError

API_VARIABLE = "PREFECT_API_URL"
HOST = "127.0.0.1"
PREFERRED_PORT = 4200
START_TIMEOUT_S = 120.0
_SERVER_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # The recorder's default batch of 1 falls behind under load, and task runs then show up late.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    # SQLite is locked for longer than the usual 10 s where many runs begin at once on few cores.
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    # In memory the leases of a limit's places die with a killed server, and the places are taken for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # `prefect deployment run --watch` shows what a run says only with these.
    "PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED": "true",
    "PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED": "true",
}
_SECRETS = ("ANTHROPIC_API_KEY", "GITHUB_TOKEN")
"""Keys under the names that others use; our processes know them by our names."""

_RUNNER_SETTINGS = {
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    # A run that is taken before its time sits in a slot that another could use.
    "PREFECT_WORKER_PREFETCH_SECONDS": "1",
    "PREFECT_LOGGING_LEVEL": "INFO",
}


@dataclass(frozen=True, kw_only=True)
class Program:
    """A service of ours as it is started: its name for people, its command, what it sees, where its output goes."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(repr=False)


def server_program(settings: Settings, api: PrefectApi) -> Program:
    """Return the Prefect server that answers at ``api``."""
    port = api.url.removesuffix("/api").rpartition(":")[2]
    return Program(
        name="Prefect server",
        argv=(sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", port),
        log=settings.state_folder / "logs" / "prefect-server.log",
        environment=environment(settings, api) | _SERVER_SETTINGS,
    )


def runner_program(settings: Settings, api: PrefectApi) -> Program:
    """Return the runner of our flows."""
    return Program(
        name="runner",
        argv=(sys.executable, "-m", "deployments.runner"),
        log=settings.state_folder / "logs" / "runner.log",
        environment=environment(settings, api) | _RUNNER_SETTINGS,
    )


def environment(settings: Settings, api: PrefectApi) -> dict[str, str]:
    """Return what our own processes see: Prefect's and crashflow's variables, our code, and our mark."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PREFECT_", "CRASHFLOW_"))}
    kept |= {f"CRASHFLOW_{name}": os.environ[name] for name in _SECRETS if name in os.environ} | kept
    kept[API_VARIABLE] = api.url
    kept.setdefault("PREFECT_HOME", str(settings.state_folder / "prefect"))
    kept["DO_NOT_TRACK"] = "1"
    kept[STATE_VARIABLE] = str(settings.state_folder)
    kept[process.OWNER_VARIABLE] = orphans.mark(settings.state_folder)
    # Runs start in folders of their own, as `python`, and must find the code and the interpreter that we are.
    kept["PYTHONPATH"] = str(Path(deployments.__file__).resolve().parent.parent)
    # What a killed process leaves there goes with the folder; see ``tasks.steps.recovery``.
    temporary = settings.temporary_folder / identity.own()
    temporary.mkdir(parents=True, exist_ok=True)
    kept["TMPDIR"] = str(temporary)
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if settings.file is not None:
        kept[CONFIGURATION_VARIABLE] = str(settings.file)
    return kept


@contextlib.contextmanager
def prefect_server(settings: Settings) -> Iterator[PrefectApi]:
    """
    Give a Prefect server for the block: one that is there, or one of our own.

    Raises:
        CrashflowError: it does not answer, or does not start; the text says where its log is.
    """
    existing = find_server(settings)
    if existing is not None:
        ensure_limits(existing)
        yield existing
        return
    orphans.end_orphans(settings.state_folder)
    api = own_api(None)
    program = server_program(settings, api)
    with process.service(program.argv, log=program.log, environment=program.environment) as child:
        wait(child, api.is_healthy, program)
        ensure_limits(api)
        # A flow that this process runs itself finds the server here: Prefect reads it when it is first imported.
        os.environ.update(
            {API_VARIABLE: api.url, "PREFECT_HOME": program.environment["PREFECT_HOME"], "DO_NOT_TRACK": "1"}
        )
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
        try:
            yield api
        finally:
            del os.environ[API_VARIABLE]


def find_server(settings: Settings) -> PrefectApi | None:
    """
    Return the server that ``PREFECT_API_URL`` names, or that of a running ``up``; None where there is neither.

    Raises:
        CrashflowError: the variable names a server that does not answer.
    """
    running = presence.find(settings.state_folder)
    given = os.environ.get(API_VARIABLE, "").rstrip("/")
    if given:
        api = PrefectApi(url=given, is_served=running is not None and running.api == given)
        if not api.is_healthy():
            raise CrashflowError(f"No Prefect server answers at {given}; start it, or unset {API_VARIABLE}.")
        return api
    if running is not None and running.api is not None:
        api = PrefectApi(url=running.api, is_served=True)
        return api if api.is_healthy() else None
    return None


@contextlib.contextmanager
def runner(settings: Settings, api: PrefectApi) -> Iterator[Callable[[], None]]:
    """
    Run our flows for the block; gives a function that raises once the runner is dead, for those who wait for it.

    Where a running ``up`` does that work already nothing is started.

    Raises:
        CrashflowError: the runner does not start; the text says where its log is.
    """
    if api.is_served:
        yield lambda: None
        return
    program = runner_program(settings, api)
    with process.service(program.argv, log=program.log, environment=program.environment) as child:
        wait(child, lambda: api.has_worker(child.pid), program)

        def check() -> None:
            if child.poll() is not None:
                raise CrashflowError(f"The runner ended ({_last_line(program.log)}); its log is {program.log}.")

        yield check


def wait(child: psutil.Popen, is_ready: Callable[[], bool], program: Program) -> None:
    """
    Wait until a service is ready.

    Raises:
        CrashflowError: it ended, or takes too long; the text says where its log is.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    name = f"The {program.name}"
    while not is_ready():
        if child.poll() is not None:
            raise CrashflowError(
                f"{name} ended while it started ({_last_line(program.log)}); its log is {program.log}."
            )
        if time.monotonic() > deadline:
            raise CrashflowError(f"{name} did not answer within {START_TIMEOUT_S:.0f} s; its log is {program.log}.")
        time.sleep(0.2)


def own_api(port: int | None) -> PrefectApi:
    """
    Choose where a server of ours will answer: at the given port, or at a free one.

    Raises:
        CrashflowError: the given port is taken.
    """
    if port is not None and not _is_free(port):
        raise CrashflowError(f"Port {port} of {HOST} is in use; choose another with --port.")
    return PrefectApi(url=f"http://{HOST}:{port or _any_port()}/api", is_own=True)


def usual_port() -> int | None:
    """Return Prefect's usual port where it is free, so that an address which people keep stays right."""
    return PREFERRED_PORT if _is_free(PREFERRED_PORT) else None


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "its log is empty")
