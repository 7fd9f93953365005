"""
``python -m tests.faults.steered CORE EDITS``: the way of one crash whose proposer was steered to a bad patch.

The flows, the gates, git and the forge are the real ones; only the template's answer is replaced by the edits, as a
model that believed a log might give them. Prints what ``crashflow run --json`` prints.
"""

import json
import sys
from pathlib import Path
from unittest import mock

from db import fixes, settings
from deployments import console, prefect_services, summary
from tasks.core.edits import SourceEdit
from tasks.core.states import FIX_ENDS
from tasks.steps.detection import detect
from tasks.steps.workspace import open_workspace
from tests.faults.edits import Edit


def main() -> None:
    """Follow the core; exit with 0 whatever becomes of it."""
    core, edits = Path(sys.argv[1]), [Edit(**each) for each in json.loads(sys.argv[2])]
    loaded = settings.load()
    room = open_workspace(loaded)
    dump_id = detect(room.database, loaded.configuration.server[0], core)
    with prefect_services.prefect_server(loaded):
        # Prefect reads its settings when it is imported.
        from flows.fix import fix_pattern
        from flows.ingest import ingest_dumps
        from flows.publish import open_pull_request
        from tasks.steps import fix, starting

        def planned(_crash: object, _slug: str, base: fix.Base) -> fix.PlannedFix:
            return fix.PlannedFix(
                base_commit=base.commit,
                edits=tuple(SourceEdit(path=each.path, old=each.old.encode(), new=each.new.encode()) for each in edits),
                explanation="What a proposer says who was steered.",
            )

        # The runs that the steps ask for are made here.
        with mock.patch.object(fix, "plan", planned), mock.patch.object(starting, "request_run"):
            ingest_dumps(dump_ids=[dump_id], return_state=True)
            with room.database.transaction() as session:
                found = summary.collect(session, room, [dump_id]).fixes
            for each in found:
                fix_pattern(each["fix"], return_state=True)
                with room.database.transaction() as session:
                    row = fixes.get(session, each["fix"])
                    is_ready = row is not None and row.state not in FIX_ENDS and row.head_commit is not None
                if is_ready:
                    open_pull_request(each["fix"], return_state=True)
    with room.database.transaction() as session:
        console.raw(json.dumps(summary.collect(session, room, [dump_id]).to_json()))


if __name__ == "__main__":
    main()
