"""Subflow build-fix: the gates of a fix, in the order in which a failure is cheapest."""

from prefect import flow

from flows.limits import occupied
from tasks.steps import build


@flow(name="build-fix", flow_run_name="build fix {fix_id}", log_prints=True)
def build_fix(fix_id: int) -> None:
    """Compile, test and replay. A failed build or a crash that is still there stops the fix, a failed test is shown."""
    with occupied("builds"):
        build.compile_fix(fix_id)
        build.test_fix(fix_id, return_state=True)
        build.replay_fix(fix_id)
