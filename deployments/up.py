"""
``crashflow up``: everything that an installation needs, started together and taken down together.

Postgres, Prefect's server with its UI, the runner of our flows, the watcher of the crash folders, and a guardian that
ends them all where this process is killed. A service that dies is started again. One state folder has one ``up``.
"""

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import FrameType

import filelock

from db import embedded, overview, session
from db.models import Transition
from db.overview import Overview
from db.session import Database
from db.settings import Settings
from deployments import prefect_services, presence, status
from deployments.prefect_api import PrefectApi, ensure_limits
from deployments.prefect_services import Program, environment
from deployments.status import Screen, ServiceLine, Status
from deployments.supervisor import Supervisor
from tasks.clients import files, identity, orphans
from tasks.core.errors import CrashflowError, DatabaseError
from tasks.steps.workspace import open_workspace

TICK_S = 0.5
GRACE_S = 10.0
TAKEOVER_S = 20.0
EVENTS_AT_ONCE = 50
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Programs = Callable[[Settings, PrefectApi], Sequence[Program]]


def run(settings: Settings, port: int | None = None, programs: Programs | None = None) -> None:
    """
    Run everything until Ctrl-C or SIGTERM; ``programs`` are the services beside the Prefect server.

    Raises:
        CrashflowError: another ``up`` has the state folder, or something does not start.
    """
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    with _ended_by_signals(), _alone(settings):
        installation = _Installation(settings, programs or services)
        try:
            if killed := orphans.end_orphans(settings.state_folder):
                installation.screen.tell(f"{killed} processes of an earlier command were left over and are ended.")
            installation.start(port)
            installation.tend_until_told()
        except KeyboardInterrupt:
            installation.screen.tell("Stopping.")
        finally:
            installation.stop()


def services(settings: Settings, api: PrefectApi) -> Sequence[Program]:
    """Return the services that work with a Prefect server: the watcher first, as it needs no Prefect to record."""
    return (watcher_program(settings, api), prefect_services.runner_program(settings, api))


def watcher_program(settings: Settings, api: PrefectApi) -> Program:
    """Return the watcher of the crash folders."""
    return Program(
        name="watcher",
        argv=(sys.executable, "-m", "deployments.watch"),
        log=settings.state_folder / "logs" / "watcher.log",
        environment=environment(settings, api),
    )


class _Installation:
    """What one ``up`` holds: the database, the services, the screen."""

    def __init__(self, settings: Settings, programs: Programs) -> None:
        self.screen: Screen = status.choose()
        self._settings = settings
        self._programs = programs
        self._supervisor = Supervisor(self.screen.tell)
        self._database: Database | None = None
        self._started_at = datetime.now(tz=UTC)
        self._seen = 0
        self._overview = Overview()

    def start(self, port: int | None) -> None:
        self._database = open_workspace(self._settings).database
        with self._database.transaction() as transaction:
            self._seen = overview.last_transition(transaction)
        given = prefect_services.find_server(self._settings)
        api = given or prefect_services.own_api(port or prefect_services.usual_port())
        self._supervisor.start(guardian_program(self._settings, api), is_watched=True)
        if given is None:
            program = prefect_services.server_program(self._settings, api)
            server = self._supervisor.start(program)
            assert server.child is not None
            prefect_services.wait(server.child, api.is_healthy, program)
        ensure_limits(api)
        presence.announce(self._settings.state_folder, api.url)
        for program in self._programs(self._settings, api):
            self._supervisor.start(program)
        self.screen.address(api.url)

    def tend_until_told(self) -> None:
        while True:
            self._supervisor.tend()
            self._look_into_database()
            self.screen.show(self._status())
            time.sleep(TICK_S)

    def stop(self) -> None:
        """Take everything down; a second signal shortens the waiting."""
        is_hurried = False

        def hurry(_number: int, _frame: FrameType | None) -> None:
            nonlocal is_hurried
            is_hurried = True

        for number in _ENDING_SIGNALS:
            signal.signal(number, hurry)
        self._supervisor.stop(lambda: 0.0 if is_hurried else GRACE_S)
        orphans.end_own(self._settings.state_folder)
        files.remove_folders(self._settings.temporary_folder, lambda name: name == identity.own())
        presence.withdraw(self._settings.state_folder)
        self._stop_database()
        self.screen.close()

    def _stop_database(self) -> None:
        if self._database is not None:
            self._database.close()
        try:
            if self._settings.database_url is None and not session.stop_unused(self._settings):
                self.screen.tell("Postgres goes on: another command is connected to it.")
        except DatabaseError as error:
            self.screen.tell(str(error))

    def _look_into_database(self) -> None:
        assert self._database is not None
        try:
            with self._database.transaction() as transaction:
                self._overview = overview.count(transaction)
                found = overview.transitions_after(transaction, self._seen, EVENTS_AT_ONCE)
        except session.UNREACHABLE as error:
            self._revive_database(error)
            return
        for transition in found:
            self._seen = transition.id
            self.screen.tell(describe(transition))

    def _revive_database(self, error: Exception) -> None:
        if self._settings.database_url is not None:
            self.screen.tell(f"Postgres does not answer: {str(error).splitlines()[0]}")
            return
        self.screen.tell("Postgres is gone and is started again.")
        try:
            embedded.locate(self._settings.state_folder).start()
        except DatabaseError as failure:
            self.screen.tell(str(failure))

    def _status(self) -> Status:
        servers = self._settings.configuration.server
        database = "external" if self._settings.database_url else "embedded"
        lines = [ServiceLine(name=f"Postgres ({database})", pid=None, state="running", since=self._started_at)]
        lines += [
            ServiceLine(name=service.program.name, pid=service.pid, state=service.state, since=service.since)
            for service in self._supervisor.services
        ]
        return Status(
            services=lines,
            folders=[(server.name, str(folder)) for server in servers for folder in server.crash_folders],
            overview=self._overview,
        )


def guardian_program(settings: Settings, api: PrefectApi) -> Program:
    """Return the process that ends everything of ours where we are killed."""
    return Program(
        name="guardian",
        argv=(sys.executable, "-m", "deployments.guardian", orphans.mark(settings.state_folder)),
        log=settings.state_folder / "logs" / "guardian.log",
        environment=environment(settings, api),
    )


def describe(transition: Transition) -> str:
    """Return a change of state as one line."""
    before = f"{transition.state_from} -> " if transition.state_from else ""
    reason = (transition.reason or "").strip().splitlines()
    return f"{transition.entity} {transition.entity_id}: {before}{transition.state_to}" + (
        f" ({reason[0][:120]})" if reason else ""
    )


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    lock = filelock.FileLock(settings.state_folder / presence.LOCK_NAME)
    running = presence.find(settings.state_folder)
    try:
        # The guardian of a killed `up` holds the lock while it clears up; a living one keeps it.
        lock.acquire(timeout=0 if running else TAKEOVER_S)
    except filelock.Timeout as error:
        running = presence.find(settings.state_folder)
        who = f"process {running.pid}" if running else "a process that still starts"
        where = f"; its UI is {running.ui}" if running and running.ui else ""
        raise CrashflowError(f"`crashflow up` runs already for {settings.state_folder} ({who}){where}.") from error
    try:
        presence.announce(settings.state_folder, None)
        yield
    finally:
        presence.withdraw(settings.state_folder)
        lock.release()


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let every ending signal unwind the block as Ctrl-C does, also where a shell started us with them ignored."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in _ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
