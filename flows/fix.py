"""Flow fix-pattern: one fix from its proposal to a proven commit; open-pull-request goes on from there."""

from typing import Any

from prefect import flow

from flows.build import build_fix
from flows.failing import fail_fix
from flows.limits import occupied
from tasks.core.errors import AnalystAwayError, CrashflowError, EditError, GateError, LeaseLostError
from tasks.steps import analysis, checks, doubting, fix, leases, report, runs, solve, triage


@flow(name="fix-pattern", log_prints=True, flow_run_name=triage.fix_run_name, on_failure=[fail_fix])
def fix_pattern(fix_id: int) -> Any:
    """
    Repair one defect: propose, apply, prove, commit. Ends with the fix ready to be published, or FAILED.

    A run that is ended, or that loses the fix or the database, leaves it where it stands for the next one.
    """
    try:
        with leases.working(fix_id):
            if not repair(fix_id):
                return "it waits for an analysis"
        fix.request_pull_request(fix_id)
    except (LeaseLostError, AnalystAwayError, *leases.OUTAGE) as error:
        return runs.give_up(str(error))
    return "committed; its pull request is a run of its own"


def repair(fix_id: int) -> bool:
    """Bring a fix to a proven commit; return False where its template refuses and an analysis is asked for."""
    if fix.is_for_analyst(fix_id):
        return solve_novel(fix_id)
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
    except AnalystAwayError as error:
        solve.note_absence(fix_id, error)
        report.report_fix(fix_id)
        raise
    except CrashflowError as error:
        fix.record_failure(fix_id, str(error))
        report.report_fix(fix_id)
        raise
    report.report_fix(fix_id)
    return True


def solve_novel(fix_id: int) -> bool:
    """Bring a fix to a proven commit by its analyst: what a gate stops goes back to it. False where it must wait."""
    try:
        while True:
            with occupied("claude"):
                plan = solve.ask(fix_id)
            if plan is None:
                analysis.request_analyses()
                report.report_fix(fix_id)
                return False
            try:
                if solve.object_to(fix_id, checks.check_rules(fix_id, plan)):
                    continue
                fix.apply(fix_id, plan)
                build_fix(fix_id)
                break
            except (GateError, EditError) as error:
                solve.note_failure(fix_id, error)
                analysis.request_analyses()
        with occupied("claude"):
            doubting.doubt(fix_id)
        fix.commit(fix_id)
    except LeaseLostError:
        raise
    except AnalystAwayError as error:
        solve.note_absence(fix_id, error)
        report.report_fix(fix_id)
        raise
    except CrashflowError as error:
        fix.record_failure(fix_id, str(error))
        report.report_fix(fix_id)
        raise
    report.report_fix(fix_id)
    return True
