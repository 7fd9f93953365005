"""
The runner as a parent: it imports Prefect and our flows once, and forks its workers and each run from itself.

A fork is safe while its parent has one thread: this process never starts another, and asks the system whether a library
did. Linux alone has all that it takes. What forks are asked for with is in ``run_engine``.
"""

import contextlib
import gc
import importlib
import os
import select
import selectors
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from prefect.settings import get_current_settings

from deployments import console, run_engine
from deployments.run_engine import ADDRESS_VARIABLE, Request

FLOWS = ("prefect.flow_engine", "flows.ingest", "flows.fix", "flows.publish")
"""What most runs need. Not the reports: the library of their plots starts threads."""

_OF_ONE_RUN = "PREFECT__"
"""Variables that begin so tell one run from another; Prefect reads them when the run begins."""

_REQUEST_S = 5.0
_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other end; see SO_PEERCRED in unix(7)."""

Work = Callable[[], None]


def is_possible() -> bool:
    """Say whether this process can be forked with all that it has imported."""
    if sys.platform != "linux":
        return False
    try:
        # Older kernels and some containers refuse it.
        os.close(os.pidfd_open(os.getpid()))
        return _threads() == 1
    except OSError:
        return False


def serve(work: Work, *, run: Work = run_engine.run_here, modules: Sequence[str] = FLOWS) -> Work:
    """
    Fork a process for the work, and one for each run that is asked for, until the work ends.

    ``run`` does one run with the variables of its process; ``modules`` are what it will import. Returns only in the
    forks, with what each is there for; this process ends as the one of the work did.
    """
    folder = Path(tempfile.mkdtemp(prefix="forks-"))
    nursery = _Nursery(folder / "socket", run)
    if nursery.fork_worker():
        return work
    # Requests wait meanwhile: that takes no longer than an import of their own, and less of the processor.
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    forked = nursery.tend()
    if forked is not None:
        return forked
    shutil.rmtree(folder, ignore_errors=True)
    sys.exit(nursery.code)


class _Nursery:
    """The forks of one runner: the worker, and the runs, each with the connection to the program that stands for it."""

    def __init__(self, address: Path, run: Work) -> None:
        self.code = 0
        self._run = run
        self._worker = 0
        self._strangers: set[frozenset[str]] = set()
        # The worker sees by the end of this pipe that its parent is gone.
        self._pulse, self._heart = os.pipe()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with run_engine.short_name(address) as name:
            self._listener.bind(name)
        self._listener.listen(64)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        os.environ[ADDRESS_VARIABLE] = str(address)

    def fork_worker(self) -> bool:
        """Fork the worker; True in the fork."""
        self._worker = os.fork()
        if self._worker == 0:
            self._leave()
            _follow(self._pulse, signal.SIGTERM)
            return True
        os.close(self._pulse)
        self._selector.register(os.pidfd_open(self._worker), selectors.EVENT_READ)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end_worker)
        return False

    def tend(self) -> Work | None:
        """Fork what is asked for; returns in a fork what to do there, here None once the worker has ended."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    if (forked := self._answer()) is not None:
                        return forked
                elif key.data is None:
                    self.code = _collect(self._worker)
                    return None
                else:
                    self._bury(key)

    def _answer(self) -> Work | None:
        """Take one request; returns in the fork what to do there, here None."""
        connection, _ = self._listener.accept()
        connection.settimeout(_REQUEST_S)
        try:
            request = run_engine.receive(connection)
        except (OSError, ValueError) as error:
            console.line(f"A request for a run was not understood: {error}. That run takes place elsewhere.")
            connection.close()
            return None
        if not self._is_granted(connection, request):
            with contextlib.suppress(OSError):
                run_engine.tell(connection, run_engine.NONE)
            self._forget(connection, request)
            return None
        pid = os.fork()
        if pid == 0:
            self._leave()
            return partial(_take_place, connection, request, self._run)
        self._selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))
        with contextlib.suppress(OSError):
            run_engine.tell(connection, pid)
        for stream in request.streams:
            os.close(stream)
        return None

    def _is_granted(self, connection: socket.socket, request: Request) -> bool:
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        if _CREDENTIALS.unpack(credentials)[1] != os.getuid() or _threads() > 1:
            return False
        strange = _strange_variables(request.environment)
        if strange and strange not in self._strangers:
            self._strangers.add(strange)
            console.line(f"Runs with other variables than the runner's start afresh: {', '.join(sorted(strange))}.")
        return not strange

    def _forget(self, connection: socket.socket, request: Request) -> None:
        connection.close()
        for stream in request.streams:
            os.close(stream)

    def _bury(self, key: selectors.SelectorKey) -> None:
        pid, connection = key.data
        self._selector.unregister(key.fileobj)
        os.close(key.fd)
        with contextlib.suppress(OSError):
            run_engine.tell(connection, _collect(pid))
        connection.close()

    def _leave(self) -> None:
        """Let go, in a fork, of what is its parent's."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.default_int_handler)
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                key.data[1].close()
            if key.fileobj is not self._listener:
                os.close(key.fd)
        # Not unregistered one by one: the parent's selector is the same to the kernel.
        self._selector.close()
        self._listener.close()
        os.close(self._heart)

    def _end_worker(self, _number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._worker, signal.SIGTERM)


def _take_place(connection: socket.socket, request: Request, run: Work) -> None:
    """Become the process that asked for the fork, and do its run."""
    os.chdir(request.folder)
    for target, stream in enumerate(request.streams):
        os.dup2(stream, target)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.argv[1:] = []
    _follow(connection.fileno(), signal.SIGKILL)
    run()


def _follow(descriptor: int, number: signal.Signals) -> None:
    """Send this process a signal as soon as the other end of a pipe or a connection is gone."""

    def watch() -> None:
        select.select([descriptor], [], [])
        os.kill(os.getpid(), number)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def _collect(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _strange_variables(environment: dict[str, str]) -> frozenset[str]:
    """Return the names of variables that differ from what this process was imported with."""
    # Prefect's worker adds those of its settings, which say the same as what they came from.
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    names = os.environ.keys() | settings.keys() | environment.keys()
    return frozenset(
        name
        for name in names
        if not name.startswith(_OF_ONE_RUN)
        and environment.get(name) not in {os.environ.get(name), settings.get(name, os.environ.get(name))}
    )


def _threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())
