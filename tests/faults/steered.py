"""
``python -m tests.faults.steered DUMP [EDITS]``: the way of one crash in this very process, as the runs would go it.

The flows, the gates, git and the forge are the real ones. With EDITS the proposer was steered to them, as a model that
believed a log might give them; ``-`` in the place of the dump goes on with the fix that is open. Prints what
``crashflow run --json`` prints.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from sqlmodel import col, select

from db import fixes, models, settings
from deployments import console, prefect_services, summary
from tasks.core.edits import SourceEdit
from tasks.core.states import FIX_ENDS
from tasks.steps.detection import detect
from tasks.steps.workspace import Workspace, open_workspace
from tests.faults.edits import Edit


def main() -> None:
    """Follow the dump; exit with 0 whatever becomes of it."""
    dump, edits = sys.argv[1], [Edit(**each) for each in json.loads(sys.argv[2] if len(sys.argv) > 2 else "[]")]
    loaded = settings.load()
    room = open_workspace(loaded)
    if dump != "-":
        detect(room.database, loaded.configuration.server[0], Path(dump))
    with prefect_services.prefect_server(loaded), _steered(edits):
        # Prefect reads its settings when it is imported.
        from flows.fix import fix_pattern
        from flows.ingest import ingest_dumps
        from flows.publish import open_pull_request
        from tasks.steps import recovery

        recovery.return_leases(room)
        dump_ids = _dumps(room)
        ingest_dumps(dump_ids=dump_ids, return_state=True)
        for fix_id in _open_fixes(room):
            fix_pattern(fix_id, return_state=True)
            with room.database.transaction() as session:
                row = fixes.get(session, fix_id)
                is_ready = row is not None and row.state not in FIX_ENDS and row.head_commit is not None
            if is_ready:
                open_pull_request(fix_id, return_state=True)
    with room.database.transaction() as session:
        console.raw(json.dumps(summary.collect(session, room, dump_ids).to_json()))


@contextlib.contextmanager
def _steered(edits: list[Edit]) -> Iterator[None]:
    from tasks.steps import fix, starting

    def planned(_crash: object, _slug: str, base: fix.Base) -> fix.PlannedFix:
        return fix.PlannedFix(
            base_commit=base.commit,
            edits=tuple(SourceEdit(path=each.path, old=each.old.encode(), new=each.new.encode()) for each in edits),
            explanation="What a proposer says who was steered.",
        )

    with contextlib.ExitStack() as stack:
        # The runs that the steps ask for are made here.
        stack.enter_context(mock.patch.object(starting, "request_run"))
        if edits:
            stack.enter_context(mock.patch.object(fix, "plan", planned))
        yield


def _dumps(room: Workspace) -> list[int]:
    with room.database.transaction() as session:
        return list(session.exec(select(models.Dump.id).order_by(col(models.Dump.id))))


def _open_fixes(room: Workspace) -> list[int]:
    with room.database.transaction() as session:
        query = select(models.Fix.id).where(col(models.Fix.state).not_in((*FIX_ENDS, "AWAITING_APPROVAL")))
        return list(session.exec(query.order_by(col(models.Fix.id))))


if __name__ == "__main__":
    main()
