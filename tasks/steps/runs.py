"""The Prefect run in which a step works: its id for transitions, events and artifacts that people see."""

from collections.abc import Mapping
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event
from prefect.runtime import flow_run


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
