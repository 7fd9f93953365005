"""Subflow build-fix: the gates of a fix, in the order in which a failure is cheapest."""

from prefect import flow

from flows.limits import occupied
from tasks.steps import build, checks


@flow(name="build-fix", flow_run_name="build fix {fix_id}", log_prints=True)
def build_fix(fix_id: int) -> None:
    """
    Check the syntax, compile, test, analyse and replay.

    A failed build or a crash that is still there stops the fix; failed tests and findings are shown.
    """
    with occupied("builds"):
        build.configure_fix(fix_id)
        checks.check_syntax(fix_id)
        build.compile_fix(fix_id)
        build.test_fix(fix_id, return_state=True)
        checks.check_statically(fix_id, return_state=True)
        build.replay_fix(fix_id)
