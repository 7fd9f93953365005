"""Flow fix-pattern: one fix from its proposal to a proven commit; open-pull-request goes on from there."""

from typing import Any

from prefect import flow

from flows.build import build_fix
from flows.failing import fail_fix
from tasks.core.errors import CrashflowError, LeaseLostError
from tasks.steps import analysis, checks, fix, leases, report, runs, triage


@flow(name="fix-pattern", log_prints=True, flow_run_name=triage.fix_run_name, on_failure=[fail_fix])
def fix_pattern(fix_id: int) -> Any:
    """
    Repair one defect: propose, apply, prove, commit. Ends with the fix ready to be published, or FAILED.

    A run that is ended, or that loses the fix or the database, leaves it where it stands for the next one.
    """
    try:
        with leases.working(fix_id):
            if not repair(fix_id):
                return "the template refused, so an analysis is asked for"
        fix.request_pull_request(fix_id)
    except (LeaseLostError, *leases.OUTAGE) as error:
        return runs.give_up(str(error))
    return "committed; its pull request is a run of its own"


def repair(fix_id: int) -> bool:
    """Bring a fix to a proven commit; return False where its template refuses and an analysis is asked for."""
    try:
        plan = fix.propose(fix_id)
        if plan is None:
            analysis.request_analyses()
            report.report_fix(fix_id)
            return False
        checks.check_rules(fix_id, plan)
        fix.apply(fix_id, plan)
        build_fix(fix_id)
        fix.commit(fix_id)
    except LeaseLostError:
        raise
    except CrashflowError as error:
        fix.record_failure(fix_id, str(error))
        report.report_fix(fix_id)
        raise
    report.report_fix(fix_id)
    return True
