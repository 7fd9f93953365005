"""
Prefect on one machine: its server with the UI, and the runner of our flows, started together and taken down together.

Where ``PREFECT_API_URL`` is set, that server is used and none is started.
"""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from db.settings import CONFIGURATION_VARIABLE, STATE_VARIABLE, Settings
from deployments.catalogue import CATALOGUE
from deployments.prefect_api import PrefectApi
from tasks.clients import process
from tasks.core.errors import CrashflowError

API_VARIABLE = "PREFECT_API_URL"
HOST = "127.0.0.1"
START_TIMEOUT_S = 120.0
_SERVER_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # The recorder's default batch of 1 falls behind under load, and task runs then show up late.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
}
_RUNNER_SETTINGS = {"DO_NOT_TRACK": "1", "PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_LOGGING_LEVEL": "INFO"}


@contextlib.contextmanager
def prefect_server(settings: Settings) -> Iterator[PrefectApi]:
    """
    Give a Prefect server for the block: the one of ``PREFECT_API_URL``, or one of our own.

    Raises:
        CrashflowError: it does not answer, or does not start; the text says where its log is.
    """
    given = os.environ.get(API_VARIABLE)
    if given:
        api = PrefectApi(url=given.rstrip("/"))
        if not api.is_healthy():
            raise CrashflowError(f"No Prefect server answers at {given}; start it, or unset {API_VARIABLE}.")
        yield api
        return
    port = _free_port()
    api = PrefectApi(url=f"http://{HOST}:{port}/api", is_own=True)
    log = settings.state_folder / "logs" / "prefect-server.log"
    argv = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    environment = _environment(settings, api) | _SERVER_SETTINGS
    with process.service(argv, log=log, environment=environment) as child:
        _wait(child, api.is_healthy, "The Prefect server", log)
        # A flow that this process runs itself finds the server here: Prefect reads it when it is first imported.
        os.environ.update({API_VARIABLE: api.url, "PREFECT_HOME": environment["PREFECT_HOME"], "DO_NOT_TRACK": "1"})
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
        try:
            yield api
        finally:
            del os.environ[API_VARIABLE]


@contextlib.contextmanager
def runner(settings: Settings, api: PrefectApi) -> Iterator[Callable[[], None]]:
    """
    Serve the catalogue for the block; gives a function that raises once the runner is dead, for those who wait for it.

    Raises:
        CrashflowError: the runner does not start; the text says where its log is.
    """
    log = settings.state_folder / "logs" / "runner.log"
    argv = [sys.executable, "-m", "deployments.runner"]
    started = time.time()
    environment = _environment(settings, api) | _RUNNER_SETTINGS
    with process.service(argv, log=log, environment=environment) as child:
        _wait(child, lambda: _is_served(api, started), "The runner", log)

        def check() -> None:
            if child.poll() is not None:
                raise CrashflowError(f"The runner ended ({_last_line(log)}); its log is {log}.")

        yield check


def _is_served(api: PrefectApi, since: float) -> bool:
    return all(api.is_registered(deployment.full_name, since) for deployment in CATALOGUE)


def _environment(settings: Settings, api: PrefectApi) -> dict[str, str]:
    """What our own processes see: Prefect's and crashflow's variables, and where this installation is."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PREFECT_", "CRASHFLOW_"))}
    kept[API_VARIABLE] = api.url
    kept.setdefault("PREFECT_HOME", str(settings.state_folder / "prefect"))
    kept[STATE_VARIABLE] = str(settings.state_folder)
    if settings.file is not None:
        kept[CONFIGURATION_VARIABLE] = str(settings.file)
    return kept


def _wait(child: psutil.Popen, is_ready: Callable[[], bool], name: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not is_ready():
        if child.poll() is not None:
            raise CrashflowError(f"{name} ended while it started ({_last_line(log)}); its log is {log}.")
        if time.monotonic() > deadline:
            raise CrashflowError(f"{name} did not answer within {START_TIMEOUT_S:.0f} s; its log is {log}.")
        time.sleep(0.2)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "its log is empty")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
