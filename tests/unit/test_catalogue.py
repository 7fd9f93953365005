"""The catalogue of deployments, its prefect.yaml, and the compose file beside it."""

from typing import Any

import pytest
import yaml

from deployments.catalogue import CATALOGUE, CREWS, FILE, POOL, QUEUES, Deployment, prefect_yaml
from tasks.core import triage


def test_prefect_yaml_is_what_the_catalogue_writes() -> None:
    """After a change: python -m deployments.catalogue"""
    assert prefect_yaml() == FILE.read_text(encoding="utf-8")


def test_prefect_yaml_holds_every_deployment_with_its_schedule_and_limit() -> None:
    entries = yaml.safe_load(prefect_yaml())["deployments"]
    assert [deployment.entrypoint for deployment in CATALOGUE] == [entry["entrypoint"] for entry in entries]
    net = next(entry for entry in entries if entry["name"] == "every-minute")
    assert [{"cron": "* * * * *", "timezone": "UTC"}] == net["schedules"]
    assert {"limit": 1, "collision_strategy": "CANCEL_NEW"} == net["concurrency_limit"]
    assert {POOL} == {entry["work_pool"]["name"] for entry in entries}


def test_names_are_unique_and_queues_are_those_of_the_pool() -> None:
    names = [deployment.full_name for deployment in CATALOGUE]
    assert sorted(set(names)) == sorted(names)
    assert {deployment.queue for deployment in CATALOGUE} <= set(QUEUES)
    assert sorted(QUEUES) == sorted(queue for queues, _ in CREWS.values() for queue in queues)


@pytest.mark.parametrize(
    ("severity", "queue"),
    [("critical", "critical"), ("high", "high"), ("medium", "normal"), ("low", "low"), ("?", "normal")],
)
def test_a_fix_waits_in_the_queue_of_its_severity(severity: str, queue: str) -> None:
    assert queue == triage.queue(severity)
    assert queue in QUEUES


def test_a_changed_definition_has_another_version() -> None:
    first = Deployment(flow="a", entrypoint="b", description="c")
    assert first.version == Deployment(flow="a", entrypoint="b", description="c").version
    assert first.version != Deployment(flow="a", entrypoint="b", description="c", cron="* * * * *").version


def test_the_compose_file_refers_only_to_what_it_defines() -> None:
    compose: dict[str, Any] = yaml.safe_load(FILE.with_name("compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert {"crash-database", "prefect-database", "prefect", "runner", "watcher"} == set(services)
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        named = [volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith(("$", "/"))]
        assert set(named) <= set(compose["volumes"])
    for name in ("runner", "watcher"):
        assert ["python", "-m"] == services[name]["command"][:2]
        assert "CRASHFLOW_DATABASE_URL" in services[name]["environment"]
