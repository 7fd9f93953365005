"""What the runs of a fix do when they fail for a reason that no step foresaw."""

from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State

from tasks.steps import fix


def fail_fix(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001  Prefect names them
    """End the fix of a failed run, unless another run has it by now."""
    fix_id = flow_run.parameters.get("fix_id")
    if isinstance(fix_id, int):
        fix.record_failure.fn(fix_id, state.message or "the run failed")
