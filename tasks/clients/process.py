"""
The one way in which crashflow starts another program.

The child gets an argv list (never a shell), an allow-listed environment, a session of its own, and a time-out after
which it and everything it started is killed with SIGKILL.
"""

import contextlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from tasks.clients import identity, tools
from tasks.clients.process_tree import TreeLimits, kill_tree, running_tasks
from tasks.core.errors import ToolMissingError

OWNER_VARIABLE = "CRASHFLOW_OWNER"
"""Marks everything that one of our commands started, so that what outlives it can be found; see ``orphans``."""

STARTER_VARIABLE = "CRASHFLOW_STARTER"
"""Names the process of ours that started a child and waits for it; see ``identity``."""

ALLOWED_VARIABLES = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TMPDIR",
        "CC",
        "CXX",
        "CCACHE_DIR",
        OWNER_VARIABLE,
    }
)
"""What a child may see of our environment. Tokens and database URLs are not among them."""

OUTPUT_LIMIT = 64 * 1024 * 1024
"""Bytes of one stream that are kept; the rest is read and dropped, so that a child never blocks on a full pipe."""

_GLANCE_S, _LOOK_S = 0.02, 0.2
"""How often a tree of processes that has limits is looked at: at the count of all, and at its own."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """
    What one child may use: address space in bytes, CPU time in seconds, bytes of a file. None: no limit of ours.

    ``has_cores`` lets it leave core files as large as our own hard limit allows; ``tree`` counts what it starts, too.
    """

    memory_bytes: int | None = None
    cpu_s: int | None = None
    file_bytes: int | None = None
    has_cores: bool = False
    tree: TreeLimits | None = None


@dataclass(frozen=True, kw_only=True)
class ProcessResult:
    """
    How a child ended. ``returncode`` is negative for a signal.

    With ``is_timed_out`` we killed it, and also where ``excess`` says what it used too much of.
    """

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    seconds: float
    is_timed_out: bool = False
    excess: str | None = None

    @property
    def is_success(self) -> bool:
        """True for exit code 0 within the time and the limits."""
        return self.returncode == 0 and not self.is_timed_out and self.excess is None

    @property
    def output(self) -> str:
        """Both streams as text, standard output first, undecodable bytes replaced."""
        return (self.stdout + self.stderr).decode("utf-8", errors="replace")


def allowed_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a child: the allow-listed part of ours, and what the caller adds."""
    kept = {name: value for name, value in os.environ.items() if name in ALLOWED_VARIABLES}
    return kept | dict(extra or {}) | {STARTER_VARIABLE: identity.own()}


def run(
    argv: Sequence[str | Path],
    *,
    timeout_s: float,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    is_merged: bool = False,
) -> ProcessResult:
    """
    Run a program to its end or to the time-out, standard input closed.

    ``environment`` is added to the allow-listed variables; ``is_merged`` puts standard error into ``stdout`` in the
    order of writing, as a person would see a build.

    Raises:
        ToolMissingError: the program does not exist.
    """
    words = tuple(str(word) for word in argv)
    started = time.monotonic()
    with _start(words, cwd, environment, limits, is_merged) as child:
        collected = _collect(child)
        try:
            is_timed_out, excess = _wait(child, timeout_s, limits.tree if limits else None)
        finally:
            kill_tree(child.pid)
            child.wait()
        stdout, stderr = collected()
    return ProcessResult(
        argv=words,
        returncode=child.returncode,
        stdout=stdout,
        stderr=stderr,
        seconds=time.monotonic() - started,
        is_timed_out=is_timed_out,
        excess=excess,
    )


def _wait(child: subprocess.Popen[bytes], timeout_s: float, limits: TreeLimits | None) -> tuple[bool, str | None]:
    """Wait for the end, the time-out, or too much use; say whether it was the second, and what of the third."""
    deadline = time.monotonic() + timeout_s
    before, next_look = running_tasks() if limits else 0, 0.0
    while (left := deadline - time.monotonic()) > 0:
        try:
            child.wait(timeout=min(left, _GLANCE_S) if limits else left)
        except subprocess.TimeoutExpired:
            # A look takes longer the more there is to see: a glance tells when it can't wait.
            if limits and (time.monotonic() > next_look or running_tasks() - before > limits.processes):
                if excess := limits.exceeded_by(child.pid):
                    return False, excess
                next_look = time.monotonic() + _LOOK_S
        else:
            return False, None
    return True, None


def hand_over(argv: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> int:
    """
    Give the terminal to a program until it ends; return its exit code.

    Raises:
        ToolMissingError: the program can't be started.
    """
    words = [str(word) for word in argv]
    try:
        return subprocess.call(words, env=allowed_environment(environment))
    except OSError as error:
        raise ToolMissingError(f"{words[0]} can't be started: {error.strerror}.") from error


@contextlib.contextmanager
def service(
    argv: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None, stop_timeout_s: float = 15
) -> Iterator[psutil.Popen]:
    """
    Run a program beside us until the block ends, its output going to the end of a log file.

    At the end it gets SIGTERM, and SIGKILL with all that it started when it does not obey in time.

    Raises:
        ToolMissingError: the program does not exist.
    """
    child = start_service(argv, log=log, environment=environment)
    try:
        yield child
    finally:
        end_service(child, stop_timeout_s=stop_timeout_s)


def start_service(
    argv: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None, is_watched: bool = False
) -> psutil.Popen:
    """
    Start a program beside us, its output going to the end of a log file; its caller ends it with ``end_service``.

    With ``is_watched`` its standard input is a pipe whose end tells it that we are gone, however we went.

    Raises:
        ToolMissingError: the program does not exist.
    """
    words = [str(word) for word in argv]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            return psutil.Popen(
                words,
                env=allowed_environment(environment),
                stdin=subprocess.PIPE if is_watched else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ToolMissingError(tools.explain(words[0])) from error


def start_partner(argv: Sequence[str | Path]) -> subprocess.Popen[bytes]:
    """
    Start a program that answers us over its standard streams, unbuffered; it ends when its input does.

    Raises:
        ToolMissingError: the program does not exist.
    """
    words = [str(word) for word in argv]
    try:
        return subprocess.Popen(
            words,
            env=allowed_environment(None),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ToolMissingError(tools.explain(words[0])) from error


def end_service(child: psutil.Popen, *, stop_timeout_s: float = 15) -> None:
    """Ask a service to end, and kill it with all that it started where it does not obey in time."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        # Asked before it ends: afterwards nobody knows any more whose children they were.
        family = child.children(recursive=True)
        child.terminate()
    with contextlib.suppress(psutil.Error, subprocess.TimeoutExpired):
        child.wait(timeout=stop_timeout_s)
    kill_tree(child.pid)
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()
    with contextlib.suppress(psutil.Error, subprocess.TimeoutExpired):
        child.wait(timeout=5)


@contextlib.contextmanager
def _start(
    words: tuple[str, ...],
    cwd: Path | None,
    environment: Mapping[str, str] | None,
    limits: Limits | None,
    is_merged: bool,
) -> Iterator[subprocess.Popen[bytes]]:
    try:
        child = subprocess.Popen(
            [*_limited(limits), *words],
            cwd=cwd,
            env=allowed_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if is_merged else subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise ToolMissingError(f"The folder {cwd} is gone, so {words[0]} can't be run in it.") from error
        raise ToolMissingError(tools.explain(words[0])) from error
    except (PermissionError, OSError) as error:
        raise ToolMissingError(f"`{words[0]}` can't be started: {error.strerror}.") from error
    with child:
        yield child


def _limited(limits: Limits | None) -> list[str]:
    """Limits are set by prlimit (util-linux): code between fork and exec is not safe in a process with threads."""
    if limits is None:
        return []
    words = ["prlimit"]
    if limits.memory_bytes is not None:
        words.append(f"--as={limits.memory_bytes}")
    if limits.cpu_s is not None:
        words.append(f"--cpu={limits.cpu_s}")
    if limits.file_bytes is not None:
        words.append(f"--fsize={limits.file_bytes}")
    if limits.has_cores:
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        words.append(f"--core={'unlimited' if hard == resource.RLIM_INFINITY else hard}")
    return [*words, "--"] if len(words) > 1 else []


class _Collector(threading.Thread):
    """Reads one stream to its end and keeps its first bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._kept = bytearray()
        self.start()

    def run(self) -> None:
        with contextlib.suppress(ValueError, OSError):
            while chunk := self._stream.read1(65536):  # type: ignore[attr-defined]
                self._kept += chunk[: max(0, OUTPUT_LIMIT - len(self._kept))]

    def result(self) -> bytes:
        # A grandchild that escaped the session could hold the pipe open for ever: do not wait for it.
        self.join(timeout=2)
        return bytes(self._kept)


def _collect(child: subprocess.Popen[bytes]) -> "_Collected":
    return _Collected([_Collector(stream) for stream in (child.stdout, child.stderr) if stream])


class _Collected:
    def __init__(self, collectors: list[_Collector]) -> None:
        self._collectors = collectors

    def __call__(self) -> tuple[bytes, bytes]:
        streams = [collector.result() for collector in self._collectors]
        return streams[0], streams[1] if len(streams) > 1 else b""
