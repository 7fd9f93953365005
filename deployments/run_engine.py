"""
What a worker starts for each run: the run itself, forked from the runner of this machine where there is one.

Prefect and our flows take seconds to import, and a fork has them at once. This program stands for the fork: it passes
signals on, ends as the fork does, and the fork does not outlive it. Where the runner can't fork, because it is another
one, another system, or the run's environment differs from the runner's, the run takes place here.
"""

import contextlib
import json
import os
import runpy
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ADDRESS_VARIABLE = "CRASHFLOW_FORKS"
"""Names the socket on which the runner of this machine takes requests for forks."""

ENGINE = "prefect.engine"
NONE = 0
"""The number of the fork that there will not be."""

_LENGTH = struct.Struct("!I")
_STATUS = struct.Struct("!i")
_LONGEST_REQUEST = 4 * 1024 * 1024
_STREAMS = (0, 1, 2)
_PASSED_ON = (signal.SIGTERM, signal.SIGINT)


class RefusedError(Exception):
    """The runner does not fork for this request; the run takes place elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run starts with: its folder, its variables, and the descriptors of its standard streams."""

    folder: str
    environment: dict[str, str]
    streams: tuple[int, ...]


def main() -> None:
    """Run the flow run that the environment names."""
    address = os.environ.get(ADDRESS_VARIABLE)
    if address:
        with contextlib.suppress(OSError, RefusedError):
            _end_as(_fork(Path(address)))
    run_here()


def run_here() -> None:
    """Be Prefect's engine for the run that the environment names."""
    # A module that was imported before is run afresh, and runpy would warn of it.
    sys.modules.pop(ENGINE, None)
    runpy.run_module(ENGINE, run_name="__main__", alter_sys=True)


@contextlib.contextmanager
def short_name(address: Path) -> Iterator[str]:
    """Give a name for a socket that is short enough, whatever folder it is in: unix(7) has 107 bytes for it."""
    folder = os.open(address.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{address.name}"
    finally:
        os.close(folder)


def receive(connection: socket.socket) -> Request:
    """
    Read a request; whoever takes it closes its streams.

    Raises:
        OSError: the other end went away, or takes too long.
        ValueError: that is no request.
    """
    head, streams, _, _ = socket.recv_fds(connection, _LENGTH.size, len(_STREAMS))
    try:
        return _read(connection, head, tuple(streams))
    except BaseException:
        for stream in streams:
            os.close(stream)
        raise


def _read(connection: socket.socket, head: bytes, streams: tuple[int, ...]) -> Request:
    if len(head) != _LENGTH.size or len(streams) != len(_STREAMS):
        raise ValueError("it has no length or no streams")
    (length,) = _LENGTH.unpack(head)
    if length > _LONGEST_REQUEST:
        raise ValueError(f"it has {length} bytes")
    match json.loads(_receive(connection, length)):
        case {"folder": str(folder), "environment": dict(environment)}:
            return Request(folder=folder, environment=environment, streams=streams)
    raise ValueError("it names no folder or no variables")


def tell(connection: socket.socket, number: int) -> None:
    """Tell the number of the fork, and later its exit code; a negative one is that of a signal."""
    connection.sendall(_STATUS.pack(number))


def _fork(address: Path) -> int | None:
    """
    Have the run forked and wait for its end; return its exit code, None where nobody can tell it.

    Raises:
        OSError: there is no runner.
        RefusedError: it does not fork for this run.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        with short_name(address) as name:
            connection.connect(name)
        text = json.dumps({"folder": str(Path.cwd()), "environment": dict(os.environ)}).encode()
        socket.send_fds(connection, [_LENGTH.pack(len(text))], _STREAMS)
        connection.sendall(text)
        pid = _told(connection)
        if pid == NONE:
            raise RefusedError
        _pass_signals_on(pid)
        try:
            return _told(connection)
        except OSError:
            return None


def _told(connection: socket.socket) -> int:
    (number,) = _STATUS.unpack(_receive(connection, _STATUS.size))
    return int(number)


def _receive(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            raise ConnectionResetError("The other end went away.")
        received += part
    return received


def _pass_signals_on(pid: int) -> None:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    for number in _PASSED_ON:
        signal.signal(number, pass_on)


def _end_as(code: int | None) -> None:
    if code is None:
        sys.exit("The runner ended before this run did; how the run ended is in its state.")
    if code < 0:
        with contextlib.suppress(OSError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main()
