"""The Prefect run in which a step works: its id for transitions, events and artifacts that people see."""

import logging
from collections.abc import Mapping
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.exceptions import FailedRun
from prefect.runtime import flow_run
from prefect.states import Cancelled, Failed

from tasks.core.errors import CrashflowError, DatabaseError, GitError


def flow_run_id() -> str | None:
    """Return the id of the flow run, None outside of one."""
    identifier = flow_run.get_id()
    return str(identifier) if identifier else None


def parameter(name: str) -> Any:
    """Return a parameter of the flow run, None where it has none of that name."""
    return (flow_run.parameters or {}).get(name)


def announce(event: str, *, resource: str, name: str, payload: Mapping[str, object]) -> None:
    """Emit an event that automations can listen to; ``resource`` is like ``crashflow.fix.12``."""
    emit_event(
        event=event,
        resource={"prefect.resource.id": resource, "prefect.resource.name": name[:200]},
        payload=dict(payload),
    )


def publish_report(key: str, text: str, description: str) -> None:
    """Show a Markdown text in the UI under a stable key, so that a newer version follows the older."""
    create_markdown_artifact(markdown=text, key=key, description=description)


def is_worth_another_try(_task: object, _run: object, state: State[Any]) -> bool:
    """Say whether a task that failed may end otherwise when it is run again: what is refused stays refused."""
    error = state.data
    return not isinstance(error, CrashflowError) or isinstance(error, DatabaseError | GitError)


def refuse(sentence: str) -> State[None]:
    """
    Return the end of a run that can't do what was asked: failed, with one sentence.

    Prefect's engine raises a failed state once more inside itself and logs that as a traceback, which would bury it.
    """
    logging.getLogger("prefect.flow_runs").addFilter(_is_no_echo)
    return Failed(message=sentence)


def give_up(reason: str) -> State[None]:
    """Return the end of a run that leaves its work to another: cancelled, with the reason's first line."""
    return Cancelled(message=reason.splitlines()[0] if reason else None)


def _is_no_echo(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], FailedRun))
