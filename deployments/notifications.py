"""
Who is told of fixes, and how: one Prefect automation on our own events calls the block that crashflow.toml names.

The address and its secrets lie in the block; we know nothing but its name. An automation of our name is made, brought
up to date or removed as the configuration says; others are left alone.
"""

import json
from typing import Any

from prefect.automations import AutomationCore
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import CallWebhook, SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from tasks.core.configuration import NotifySettings
from tasks.core.errors import ConfigurationError
from tasks.core.notices import FAILED, READY

NAME = "crashflow: tell of fixes"
WEBHOOK = "webhook"

_EVENTS = {"ready": READY, "failed": FAILED}
_FIELDS = ("subject", "text", "fix_id", "state", "pull_request", "report")


def ensure(client: SyncPrefectClient, settings: NotifySettings) -> None:
    """
    Make the automation what the configuration says.

    Raises:
        ConfigurationError: the server has no such block.
    """
    known = client.read_automations_by_name(NAME)
    if settings.block is None:
        for automation in known:
            client.delete_automation(automation.id)
        return
    wanted = _automation(client, settings, settings.block)
    if not known:
        client.create_automation(wanted)
    elif _told(known[0]) != _told(wanted):
        # What a person switched off stays off.
        client.update_automation(known[0].id, wanted.model_copy(update={"enabled": known[0].enabled}))


def _automation(client: SyncPrefectClient, settings: NotifySettings, block: str) -> AutomationCore:
    kind, _, name = block.partition("/")
    try:
        document = client.read_block_document_by_name(name, kind)
    except (ObjectNotFound, PrefectHTTPStatusError) as error:
        raise ConfigurationError(
            f"There is no Prefect block {block}, which [notify] names; make one in the UI, under Blocks."
        ) from error
    fields = ", ".join(f"{json.dumps(key)}: {{{{ event.payload.{key} | tojson }}}}" for key in _FIELDS)
    action: Any = SendNotification(
        block_document_id=document.id, subject="{{ event.payload.subject }}", body="{{ event.payload.text }}"
    )
    if kind == WEBHOOK:
        action = CallWebhook(block_document_id=document.id, payload=f"{{{fields}}}")
    return AutomationCore(
        name=NAME,
        description="Made by crashflow from [notify] of crashflow.toml; a change here is overwritten.",
        enabled=True,
        trigger=EventTrigger(
            expect={_EVENTS[event] for event in settings.events},
            match={"prefect.resource.id": "crashflow.fix.*"},
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[action],
    )


def _told(automation: AutomationCore) -> dict[str, Any]:
    """What of an automation is ours to say, in a form that can be compared."""
    value = automation.model_dump(mode="json", include={"description", "trigger", "actions"})
    trigger = {key: value["trigger"][key] for key in ("match", "expect", "posture", "threshold")}
    return value | {"trigger": trigger | {"expect": sorted(trigger["expect"])}}
