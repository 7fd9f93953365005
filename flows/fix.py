"""Flow fix-pattern: one fix from its proposal to a proven commit; open-pull-request goes on from there."""

from typing import Any

from prefect import Flow, flow
from prefect.client.schemas.objects import FlowRun, State

from flows.build import build_fix
from tasks.core.errors import CrashflowError
from tasks.steps import analysis, fix, report, triage


def fail_fix(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001  Prefect names them
    """End the fix of a run that failed for a reason that no step foresaw."""
    fix_id = flow_run.parameters.get("fix_id")
    if isinstance(fix_id, int):
        fix.record_failure.fn(fix_id, state.message or "the run failed")


@flow(name="fix-pattern", log_prints=True, flow_run_name=triage.fix_run_name, on_failure=[fail_fix])
def fix_pattern(fix_id: int) -> str:
    """Repair one defect: propose, apply, prove, commit. Ends with the fix ready to be published, or FAILED."""
    try:
        plan = fix.propose(fix_id)
        if plan is None:
            analysis.request_analyses()
            report.report_fix(fix_id)
            return "the template refused, so an analysis is asked for"
        fix.apply(fix_id, plan)
        build_fix(fix_id)
        fix.commit(fix_id)
    except CrashflowError as error:
        fix.record_failure(fix_id, str(error))
        report.report_fix(fix_id)
        raise
    report.report_fix(fix_id)
    fix.request_pull_request(fix_id)
    return "committed; its pull request is a run of its own"
