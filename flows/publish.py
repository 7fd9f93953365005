"""Flow open-pull-request: the only one that pushes. It never sees a log or a dump."""

from prefect import flow

from tasks.core.errors import CrashflowError
from tasks.steps import fix, publish, report, triage


@flow(name="open-pull-request", log_prints=True, flow_run_name=triage.publish_run_name)
def open_pull_request(fix_id: int) -> str:
    """Push a proven commit and open its draft; a person decides from there."""
    try:
        publish.push(fix_id)
        publish.remove_worktree(fix_id)
        url = publish.open_draft(fix_id)
    except CrashflowError as error:
        fix.record_failure(fix_id, str(error))
        report.report_fix(fix_id)
        raise
    report.report_fix(fix_id)
    publish.release(fix_id)
    return url
