"""Flow reprocess-history: the newest rules and patterns are applied to all stored crashes, in chunks."""

from prefect import flow

from flows.limits import occupied
from flows.triage import triage_crashes
from tasks.steps import reprocess


@flow(name="reprocess-history", log_prints=True)
def reprocess_history(*, dry_run: bool = False) -> str:
    """
    Understand every stored crash again, and store what changed; a run that was ended goes on where it stopped.

    With ``dry_run`` nothing is written: the artifact says what would move. Human decisions hold.
    """
    if dry_run:
        text: str = reprocess.rehearse()
        print(text)  # noqa: T201  Prefect logs it
        return text
    run_id = reprocess.begin()
    while True:
        with occupied("ingest"):
            done = reprocess.next_chunk(run_id)
        if not done.seen:
            return reprocess.finish(run_id)
        if done.changed:
            triage_crashes(list(done.changed))
