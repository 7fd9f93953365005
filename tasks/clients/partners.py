"""
Child processes that answer requests: for work on hostile files, which may take for ever or take the process with it.

A partner runs a module of ours and speaks pickles over its standard streams: a request, then one answer for each of its
parts. It is killed, and everything that it started, where it lets us wait for longer than the limit.
"""

import contextlib
import pickle
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from tasks.clients import process, process_tree

_LENGTH = struct.Struct(">Q")


class PartnerError(Exception):
    """A partner died or was killed over a part of a request; the text says why."""


class Partner:
    """One child process, started when it is first asked."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, parts: Sequence[Any], *, timeout_s: float) -> Iterator[Any]:
        """
        Yield the answer to each part, in order.

        Raises:
            PartnerError: the next answer did not come within ``timeout_s``, or the child died; ask again for the rest.
        """
        try:
            child = self._running()
            assert child.stdin is not None
            assert child.stdout is not None
            send(child.stdin, list(parts))
            for _ in parts:
                yield self._answer(child.stdout, timeout_s)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise PartnerError("the process that read it died, perhaps for want of memory") from error

    def end(self) -> None:
        """Kill the child, with all that it started."""
        if self._child is not None:
            process_tree.kill_tree(self._child.pid)
            with contextlib.suppress(OSError):
                self._child.communicate()
            self._child = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = process.start_partner((sys.executable, "-m", self._module))
        return self._child

    def _answer(self, stream: IO[bytes], timeout_s: float) -> Any:
        deadline = time.monotonic() + timeout_s
        length = _LENGTH.unpack(self._take(stream, _LENGTH.size, deadline))[0]
        return pickle.loads(self._take(stream, length, deadline))  # noqa: S301 (our own child wrote it)

    def _take(self, stream: IO[bytes], size: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        while size:
            if not select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
                self.end()
                raise PartnerError("reading it took too long, so its process was killed")
            part = stream.read(size)
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def send(stream: IO[bytes], value: Any) -> None:
    """Write a value for the other side."""
    content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer requests on standard input until it ends: what the module of a partner does."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while head := requests.read(_LENGTH.size):
        parts: Iterable[Any] = pickle.loads(requests.read(_LENGTH.unpack(head)[0]))  # noqa: S301 (our parent wrote it)
        for part in parts:
            send(answers, answer(part))
