"""Keeps services running: starts them, starts them again when they die, and takes all of them down."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from deployments.prefect_services import Program
from tasks.clients import process

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""A service that ran this long has not failed at its start: its next death is a first one again."""


@dataclass(kw_only=True)
class Service:
    """One service and how it does. ``state`` is running or waiting (for its next start)."""

    program: Program
    is_watched: bool = False
    child: psutil.Popen | None = None
    state: str = "waiting"
    since: datetime
    failures: int = 0
    retry_at: float = 0.0

    @property
    def pid(self) -> int | None:
        """The number of its process, None while it has none."""
        return self.child.pid if self.child is not None else None


class Supervisor:
    """The services of one command, in the order of their start. ``tell`` gets a line for each death and restart."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.services: list[Service] = []
        self._tell = tell

    def start(self, program: Program, *, is_watched: bool = False) -> Service:
        """
        Start a service and keep it running from now on.

        Raises:
            ToolMissingError: its program does not exist.
        """
        service = Service(program=program, is_watched=is_watched, since=_now())
        self.services.append(service)
        self._launch(service)
        return service

    def tend(self) -> None:
        """Look after all services once: note who died, and start again whose pause is over."""
        for service in self.services:
            if service.child is not None and service.child.poll() is not None:
                self._bury(service)
            if service.child is None and time.monotonic() >= service.retry_at:
                self._launch(service)
                self._tell(f"The {service.program.name} is started again (process {service.pid}).")

    def stop(self, grace_s: Callable[[], float]) -> None:
        """End all services, the last started first; ``grace_s`` says how long each may take."""
        for service in reversed(self.services):
            if service.child is not None:
                process.end_service(service.child, stop_timeout_s=grace_s())
                service.child, service.state, service.since = None, "stopped", _now()

    def _launch(self, service: Service) -> None:
        program = service.program
        service.child = process.start_service(
            program.argv, log=program.log, environment=program.environment, is_watched=service.is_watched
        )
        service.state, service.since = "running", _now()

    def _bury(self, service: Service) -> None:
        assert service.child is not None
        code = service.child.poll()
        process.end_service(service.child, stop_timeout_s=0)
        if (_now() - service.since).total_seconds() > STEADY_S:
            service.failures = 0
        pause = min(FIRST_PAUSE_S * 2**service.failures, LONGEST_PAUSE_S)
        service.child, service.state, service.since = None, "waiting", _now()
        service.failures += 1
        service.retry_at = time.monotonic() + pause
        self._tell(
            f"The {service.program.name} ended ({_ending(code)}) and is started again in {pause:.0f} s; "
            f"its log is {service.program.log}."
        )


def _ending(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _now() -> datetime:
    return datetime.now(tz=UTC)
