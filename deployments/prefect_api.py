"""The few calls of Prefect's REST API that the command line makes, without importing Prefect."""

import contextlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from deployments.catalogue import CREWS, LIMITS, POOL
from tasks.core.errors import CrashflowError

TIMEOUT_S = 10.0
PATIENCE_S = 60.0
_PAUSE_S = 0.5
_BUSY = frozenset({429, 502, 503, 504})
"""Answers that pass: on SQLite Prefect's server says 503 while its database is locked."""

FINAL_STATES = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


@dataclass(frozen=True, kw_only=True)
class PrefectApi:
    """
    A Prefect server; ``url`` ends in ``/api``.

    ``is_own`` says that this process started it, ``is_served`` that a running ``up`` runs our flows there.
    """

    url: str
    is_own: bool = False
    is_served: bool = False

    def is_healthy(self) -> bool:
        """Say whether the server answers."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health", timeout=2.0).is_success
        return False

    def has_worker(self, pid: int) -> bool:
        """Say whether each crew of the runner process with this number works off our pool."""
        workers = self._request("POST", f"/work_pools/{POOL}/workers/filter", {}, is_missing_fine=True) or []
        return sum(f"({pid})" in worker["name"] for worker in workers) >= len(CREWS)

    def ensure_limit(self, name: str, slots: int) -> None:
        """Make a global concurrency limit where there is none of that name; one that people changed stays."""
        if self._request("GET", f"/v2/concurrency_limits/{name}", is_missing_fine=True) is None:
            self._request("POST", "/v2/concurrency_limits/", {"name": name, "limit": slots}, is_known_fine=True)

    def create_run(self, full_name: str, parameters: dict[str, Any]) -> str:
        """
        Ask for a run of a deployment; return the run's id.

        Raises:
            CrashflowError: the server does not answer, or does not know the deployment.
        """
        deployment = self._request("GET", f"/deployments/name/{full_name}")
        # With the key a request that is sent again makes no second run.
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}, "idempotency_key": uuid.uuid4().hex}
        run = self._request("POST", f"/deployments/{deployment['id']}/create_flow_run", body)
        return str(run["id"])

    def run_state(self, run_id: str) -> tuple[str, str]:
        """Return the type of a run's state, and its message."""
        run = self._request("GET", f"/flow_runs/{run_id}")
        state = (run or {}).get("state") or {}
        return str(state.get("type", "PENDING")), str(state.get("message") or "")

    def _request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        is_missing_fine: bool = False,
        is_known_fine: bool = False,
    ) -> Any:
        try:
            response = self._send(method, path, body)
            if response.status_code == httpx.codes.NOT_FOUND and is_missing_fine:
                return None
            if response.status_code == httpx.codes.CONFLICT and is_known_fine:
                return None
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise CrashflowError(f"The Prefect server at {self.url} does not do what is asked: {error}.") from error
        return response.json()

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """Send a request, again while the server is busy and our patience lasts."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            is_late = time.monotonic() + _PAUSE_S > deadline
            try:
                response = httpx.request(method, f"{self.url}{path}", json=body, timeout=TIMEOUT_S)
                if is_late or response.status_code not in _BUSY:
                    return response
            except httpx.TransportError:
                if is_late:
                    raise
            time.sleep(_PAUSE_S)


def ensure_limits(api: PrefectApi) -> None:
    """
    Make the concurrency limits of the catalogue that are missing: our flows refuse to run without them.

    Raises:
        CrashflowError: the server does not answer.
    """
    for name, slots in LIMITS.items():
        api.ensure_limit(name, slots)
