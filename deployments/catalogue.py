"""
Every deployment that crashflow has, with its schedule and limits, in one typed list.

The runner registers it, and ``python -m deployments.catalogue`` writes it as prefect.yaml for Prefect's own command.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from tasks.core import triage

POOL = "crashflow"
COMMAND = "python -m deployments.run_engine"
"""How a worker starts a run. Without it Prefect prepares a workspace first, which takes seconds and brings nothing."""

SHORT_QUEUE = "short"
"""For runs that end in seconds and feed the others: they never wait behind builds."""
QUEUES = (SHORT_QUEUE, *triage.QUEUES)
"""The work queues of the pool, most urgent first."""

CREWS: dict[str, tuple[tuple[str, ...], int]] = {"short": ((SHORT_QUEUE,), 2), "fixes": (triage.QUEUES, 2)}
"""The workers of one machine: the queues of each, and how many runs it has at once."""

LIMITS = {"builds": 1, "ingest": 2, "claude": 2}
"""Prefect's global concurrency limits: how many runs may build, read dumps, ask Claude at once."""

FILE = Path(__file__).with_name("prefect.yaml")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """
    One deployment as users type it: ``<flow>/<name>``.

    ``entrypoint`` is a module path with dots. With a colon Prefect takes it for a file: it would copy the whole folder
    of the first registration into the run's, and put flows/ first on sys.path. ``cron`` is its schedule. ``limit`` is
    how many of its runs may run at once; ``collision`` says what happens to one too many.
    """

    flow: str
    entrypoint: str
    description: str
    name: str = "default"
    queue: str = SHORT_QUEUE
    tags: tuple[str, ...] = ("crashflow",)
    cron: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    limit: int | None = None
    collision: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"

    @property
    def full_name(self) -> str:
        """Return the name for ``prefect deployment run``."""
        return f"{self.flow}/{self.name}"

    @property
    def version(self) -> str:
        """Return what changes when the definition does; a registered one of the same version is left alone."""
        return hashlib.sha256(json.dumps([COMMAND, asdict(self)], sort_keys=True).encode()).hexdigest()[:12]


CATALOGUE = (
    Deployment(
        flow="ingest-dumps",
        entrypoint="flows.ingest.ingest_dumps",
        description="Reads every dump that waits, places its crashes, and starts the fixes that follow.",
    ),
    Deployment(
        flow="ingest-dumps",
        name="every-minute",
        entrypoint="flows.ingest.ingest_dumps",
        description="The net below everything: reads what waits although nobody asked, takes up what dead runs left.",
        tags=("crashflow", "schedule"),
        cron="* * * * *",
        parameters={"is_net": True},
        limit=1,
        collision="CANCEL_NEW",
    ),
    Deployment(
        flow="fix-pattern",
        entrypoint="flows.fix.fix_pattern",
        description="Proposes, builds, tests, replays and commits one fix.",
        queue=triage.queue("medium"),
    ),
    Deployment(
        flow="reanalyze",
        entrypoint="flows.reanalyze.reanalyze",
        description="Reads one crash, dump or defect again with the newest rules and patterns; name exactly one.",
    ),
    Deployment(
        flow="report-trends",
        name="hourly",
        entrypoint="flows.report.report_trends",
        description="Says what got worse this week, by defect, pattern, server and component: the artifact trends.",
        tags=("crashflow", "schedule"),
        cron="7 * * * *",
        limit=1,
        collision="CANCEL_NEW",
    ),
    Deployment(
        flow="report-fixes",
        name="daily",
        entrypoint="flows.report.report_fixes",
        description="Says what fixes came to, by route, template and pattern, and the figures: the artifact fixes.",
        tags=("crashflow", "schedule"),
        cron="12 4 * * *",
        limit=1,
        collision="CANCEL_NEW",
    ),
    Deployment(
        flow="reprocess-history",
        entrypoint="flows.reprocess.reprocess_history",
        description="Reads all stored crashes again with the newest rules; dry_run=true only says what would move.",
        queue=triage.queue("low"),
        limit=1,
    ),
    Deployment(
        flow="open-pull-request",
        entrypoint="flows.publish.open_pull_request",
        description="Pushes one proven fix and opens its draft pull request.",
    ),
)


def prefect_yaml() -> str:
    """Return the catalogue as Prefect's ``prefect deploy`` reads it."""
    head = (
        "# Written by `python -m deployments.catalogue`; change deployments/catalogue.py and write it again.",
        "name: crashflow",
        "# Every worker has crashflow installed, and entrypoints are modules: there is nothing to pull.",
        "pull: []",
        "deployments:",
    )
    return "\n".join([*head, *(_entry(deployment) for deployment in CATALOGUE)]) + "\n"


def _entry(deployment: Deployment) -> str:
    schedules = [{"cron": deployment.cron, "timezone": "UTC"}] if deployment.cron else []
    limit = {"limit": deployment.limit, "collision_strategy": deployment.collision} if deployment.limit else None
    fields: dict[str, Any] = {
        "name": deployment.name,
        "version": deployment.version,
        "entrypoint": deployment.entrypoint,
        "description": deployment.description,
        "tags": list(deployment.tags),
        "parameters": deployment.parameters,
        "schedules": schedules,
        "concurrency_limit": limit,
        "work_pool": {
            "name": POOL,
            "work_queue_name": deployment.queue,
            "job_variables": {"command": COMMAND},
        },
    }
    # JSON is YAML: strings keep their quotes, and nothing is read as a date or a truth value.
    lines = [f"{key}: {json.dumps(value)}" for key, value in fields.items()]
    return "  - " + "\n    ".join(lines)


def main() -> None:
    """Write prefect.yaml beside this module."""
    FILE.write_text(prefect_yaml(), encoding="utf-8")


if __name__ == "__main__":
    main()
