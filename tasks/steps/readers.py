"""
Who reads claimed dumps: this process where few wait, child processes on all cores where many do.

A reader that hangs or dies is killed and replaced; the dump that did it fails with that reason, and stops no other.
"""

import contextlib
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from db import patterns
from tasks.clients.partners import Partner, PartnerError
from tasks.steps import chunks, telling
from tasks.steps.reader import ReadRequest
from tasks.steps.telling import ClaimedDump, ReadDump
from tasks.steps.workspace import Workspace

MANY = 100
"""From so many dumps on readers are started, which takes as long as reading a few hundred reports."""

_SHARE = 20
_GRACE_S = 120.0
"""What a reader may take for a dump beside the debugger's own time-out."""


class Batch:
    """
    Claimed dumps that are being read.

    No dataclass: Prefect walks through those that it is given as parameters, to the last frame of the last crash.
    """

    def __init__(self, dumps: Sequence[ClaimedDump], answers: Sequence[Future[list[ReadDump]]] = ()) -> None:
        self.dumps = list(dumps)
        self.answers = answers


class Desk:
    """Takes batches and gives back what their dumps hold."""

    def __init__(self, room: Workspace, *, count: int) -> None:
        self._room = room
        self._pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix="reader")
        self._partners = [Partner("tasks.steps.reader") for _ in range(count)]
        self._idle: SimpleQueue[Partner] = SimpleQueue()
        for partner in self._partners:
            self._idle.put(partner)

    def begin(self, dumps: Sequence[ClaimedDump], *, many: int = MANY) -> Batch:
        """Begin to read dumps: beside us where they are many, else when their result is asked for."""
        if len(dumps) < many:
            return Batch(dumps)
        requests = self._requests(dumps)
        shares = [requests[start : start + _SHARE] for start in range(0, len(requests), _SHARE)]
        return Batch(dumps, [self._pool.submit(self._ask, share) for share in shares])

    def end(self, batch: Batch) -> list[ReadDump]:
        """Return what the dumps of a batch hold, in their order."""
        if not batch.answers:
            return [telling.read(dump, chunks.debugger_settings(self._room, dump.server)) for dump in batch.dumps]
        return [read for answer in batch.answers for read in answer.result()]

    def close(self) -> None:
        """End the readers; what was begun and not asked for is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for partner in self._partners:
            partner.end()
        self._pool.shutdown()

    def _requests(self, dumps: Sequence[ClaimedDump]) -> list[ReadRequest]:
        with self._room.database.transaction() as session:
            pickled = pickle.dumps(tuple(patterns.newest(session).values()))
        places = [(dump.server_id, dump.capture) for dump in dumps]
        doubled = {place for place in places if places.count(place) > 1} if len(set(places)) < len(places) else set()
        return [
            ReadRequest(
                dump=dump,
                settings=chunks.debugger_settings(self._room, dump.server),
                server=self._room.server(dump.server),
                patterns=pickled,
                is_alone=place not in doubled and not dump.earlier,
            )
            for dump, place in zip(dumps, places, strict=True)
        ]

    def _ask(self, requests: Sequence[ReadRequest]) -> list[ReadDump]:
        partner = self._idle.get()
        found: list[ReadDump] = []
        try:
            while len(found) < len(requests):
                limit = requests[len(found)].settings.timeout_s + _GRACE_S
                try:
                    found.extend(partner.ask(requests[len(found) :], timeout_s=limit))
                except PartnerError as error:
                    dump = requests[len(found)].dump
                    found.append(ReadDump(dump=dump, error=f"{dump.path} can't be read: {error}."))
        finally:
            self._idle.put(partner)
        return found


@contextlib.contextmanager
def opened(room: Workspace) -> Iterator[Desk]:
    """Open a desk with a reader for each core; they start when many dumps wait and end with the block."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    desk = Desk(room, count=cores)
    try:
        yield desk
    finally:
        desk.close()
