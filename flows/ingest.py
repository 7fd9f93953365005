"""Flow ingest-dumps: every dump that waits becomes crashes, and every defect among them gets its route."""

from prefect import flow

from flows.limits import occupied
from flows.triage import triage_crashes
from tasks.steps import ingest, leases, recovery, report


@flow(name="ingest-dumps", log_prints=True, flow_run_name=report.ingest_run_name)
def ingest_dumps(dump_ids: list[int] | None = None, *, is_net: bool = False) -> dict[str, int]:
    """
    Read all waiting dumps, chunk by chunk, and start the fixes that follow from them.

    The defects of ``dump_ids`` are triaged again even where nothing of them is new: somebody asked for them. With
    ``is_net``, as the schedule asks, what dead runs left is taken up or taken away first.
    """
    with leases.working():
        if is_net:
            recovery.recover()
        counts = read_waiting()
        if dump_ids or not counts["dumps"]:
            triage_crashes(ingest.crashes_of_dumps(dump_ids or []))
    return counts


def read_waiting() -> dict[str, int]:
    """
    Read, place and triage all dumps that wait; return how many dumps and new crashes that were.

    While a chunk is placed the next one is read.
    """
    counts = {"dumps": 0, "crashes": 0}
    with ingest.open_desk() as desk:
        batch = ingest.claim_dumps(desk)
        while batch.dumps:
            with occupied("ingest"):
                found = ingest.parse_dumps(desk, batch)
            counts["dumps"] += len(batch.dumps)
            batch = ingest.claim_dumps(desk)
            crash_ids = ingest.place_crashes(found)
            counts["crashes"] += len(crash_ids)
            if crash_ids:
                report.report_crashes(crash_ids)
                triage_crashes(crash_ids)
    return counts
