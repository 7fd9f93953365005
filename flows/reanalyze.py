"""Flow reanalyze: crashes that are known already are read again, with the rules and patterns of today."""

from typing import Any

from prefect import flow

from flows.ingest import read_waiting
from flows.limits import occupied
from flows.triage import triage_crashes
from tasks.core.errors import NotFoundError
from tasks.steps import leases, reanalysis, report, runs
from tasks.steps.reanalysis import Asked


@flow(name="reanalyze", log_prints=True, flow_run_name=reanalysis.run_name)
def reanalyze(crash_id: int | None = None, dump_id: int | None = None, defect_id: int | None = None) -> Any:
    """
    Read one crash, all crashes of a dump, or all of a defect again: signature, defect, pattern, meaning, report, route.

    What changed is kept in ``crash_revision``. A defect whose last fix failed gets another one: asking counts.
    """
    try:
        asked = reanalysis.find(crash_id=crash_id, dump_id=dump_id, defect_id=defect_id)
    except NotFoundError as error:
        return runs.refuse(str(error))
    with leases.working():
        return read_waiting() if asked.is_unread else reread(asked)


def reread(asked: Asked) -> dict[str, int]:
    """Read crashes again, chunk by chunk; return how many, and how many of them changed."""
    changed = 0
    for chunk in reanalysis.chunks(asked.crash_ids):
        with occupied("ingest"):
            found = reanalysis.read_again(chunk)
        changed += len(reanalysis.place_again(found))
        report.report_crashes(chunk, is_new=False)
    triage_crashes(list(asked.crash_ids), is_asked=True)
    return {"crashes": len(asked.crash_ids), "changed": changed}
