"""Flow open-pull-request: the only one that pushes. It never sees a log or a dump."""

from typing import Any

from prefect import flow

from flows.failing import fail_fix
from tasks.core.errors import CrashflowError, LeaseLostError
from tasks.steps import fix, leases, publish, report, runs, triage


@flow(name="open-pull-request", log_prints=True, flow_run_name=triage.publish_run_name, on_failure=[fail_fix])
def open_pull_request(fix_id: int) -> Any:
    """Push a proven commit and open its draft; a person decides from there."""
    try:
        # Given back last, so that everything which people are shown is there by then.
        with leases.working(fix_id):
            return publish_fix(fix_id)
    except (LeaseLostError, *leases.OUTAGE) as error:
        return runs.give_up(str(error))


def publish_fix(fix_id: int) -> str:
    """Push, open the draft and report; return the draft's address."""
    try:
        publish.push(fix_id)
        publish.remove_worktree(fix_id)
        url = publish.open_draft(fix_id)
    except LeaseLostError:
        raise
    except CrashflowError as error:
        fix.record_failure(fix_id, str(error))
        report.report_fix(fix_id)
        raise
    report.report_fix(fix_id)
    return url
