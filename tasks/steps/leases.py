"""
The leases of a run: taken at its beginning, renewed by a thread while it works, given back however it ends.

A killed run gives nothing back; ``recovery`` finds out. A run that lost its fix meanwhile has its children killed, and
its next write is refused.
"""

import contextlib
import threading
from collections.abc import Iterator

from sqlmodel import Session

from db import dumps, leases
from db.leases import Holder
from db.models import Fix
from db.session import UNREACHABLE, Database
from tasks.clients import identity, process_tree
from tasks.steps import runs
from tasks.steps.workspace import workspace

OUTAGE = UNREACHABLE
"""What a step raises where the database went away: no word about the fix, which is taken up again."""


def holder() -> Holder:
    """Return who this process is among those that hold leases."""
    return Holder(process=identity.own(), run_id=runs.flow_run_id())


@contextlib.contextmanager
def working(fix_id: int | None = None) -> Iterator[None]:
    """
    Hold for the block what this run takes up: the dumps that it claims, and the fix where one is named.

    Raises:
        NotFoundError: there is no such fix.
        LeaseLostError: another run has the fix.
    """
    database = workspace().database
    me = holder()
    with database.transaction() as session:
        leases.begin(session, me)
        if fix_id is not None:
            leases.take_fix(session, fix_id, me)
    heartbeat = _Heartbeat(database, me, fix_id)
    heartbeat.start()
    try:
        yield
    finally:
        heartbeat.stop()
        # Without a database there is nothing to give back to: the lease ends by itself.
        with contextlib.suppress(*OUTAGE), database.transaction() as session:
            dumps.give_back(session, me.process, me.run_id)
            leases.release_all(session, me)
            leases.end(session, me)


def hold(session: Session, fix_id: int) -> Fix:
    """
    Return a fix for being written by this run; nobody else can take it before the transaction ends.

    Raises:
        NotFoundError: there is no such fix.
        LeaseLostError: it is not this run's any more.
    """
    return leases.hold_fix(session, fix_id, holder())


class _Heartbeat:
    """Renews the leases of this process from a thread of its own, also while a compiler runs for an hour."""

    def __init__(self, database: Database, me: Holder, fix_id: int | None) -> None:
        self._database = database
        self._me = me
        self._fix_id = fix_id
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._is_over.wait(leases.HEARTBEAT_S):
            # Asked again at the next beat; whether the lease outlived the silence is decided before the next write.
            with contextlib.suppress(*OUTAGE), self._database.transaction() as session:
                leases.renew(session, self._me)
                is_lost = self._fix_id is not None and self._fix_id not in leases.fixes_of(session, self._me)
                if is_lost and not self._is_over.is_set():
                    process_tree.kill_children()
