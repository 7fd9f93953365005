"""Two runners that begin at once on one server register the same pool and queues."""

from typing import Any

import httpx
from prefect.exceptions import ObjectAlreadyExists

from deployments import runner
from deployments.catalogue import QUEUES


class _Overtaken:
    """A client whose other runner makes each thing between our look and our call."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def create_work_pool(self, _pool: Any) -> None:
        raise ObjectAlreadyExists(http_exc=httpx.HTTPError("409"))

    def read_work_queues(self, **_: Any) -> list[Any]:
        return []

    def create_work_queue(self, name: str, **_: Any) -> None:
        self.asked.append(name)
        raise ObjectAlreadyExists(http_exc=httpx.HTTPError("409"))


def test_a_queue_that_another_runner_makes_meanwhile_is_no_error() -> None:
    client: Any = _Overtaken()
    runner._ensure_pool(client)
    assert client.asked == list(QUEUES)
