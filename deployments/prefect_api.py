"""The few calls of Prefect's REST API that the command line makes, without importing Prefect."""

import contextlib
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from tasks.core.errors import CrashflowError

TIMEOUT_S = 10.0
PATIENCE_S = 60.0
_PAUSE_S = 0.5
_BUSY = frozenset({429, 502, 503, 504})
"""Answers that pass: on SQLite Prefect's server says 503 while its database is locked."""

FINAL_STATES = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


@dataclass(frozen=True, kw_only=True)
class PrefectApi:
    """A Prefect server; ``url`` ends in ``/api``, ``is_own`` says that this process started it."""

    url: str
    is_own: bool = False

    def is_healthy(self) -> bool:
        """Say whether the server answers."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health", timeout=2.0).is_success
        return False

    def is_registered(self, full_name: str, since: float) -> bool:
        """Say whether a deployment was registered after a moment (seconds of the epoch): by the runner we started."""
        deployment = self._request("GET", f"/deployments/name/{full_name}", is_missing_fine=True)
        if deployment is None:
            return False
        return datetime.fromisoformat(deployment["updated"]).timestamp() >= since - 1

    def create_run(self, full_name: str, parameters: dict[str, Any]) -> str:
        """
        Ask for a run of a deployment; return the run's id.

        Raises:
            CrashflowError: the server does not answer, or does not know the deployment.
        """
        deployment = self._request("GET", f"/deployments/name/{full_name}")
        assert deployment is not None
        # With the key a request that is sent again makes no second run.
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}, "idempotency_key": uuid.uuid4().hex}
        run = self._request("POST", f"/deployments/{deployment['id']}/create_flow_run", body)
        assert run is not None
        return str(run["id"])

    def run_state(self, run_id: str) -> tuple[str, str]:
        """Return the type of a run's state, and its message."""
        run = self._request("GET", f"/flow_runs/{run_id}")
        state = (run or {}).get("state") or {}
        return str(state.get("type", "PENDING")), str(state.get("message") or "")

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, is_missing_fine: bool = False
    ) -> dict[str, Any] | None:
        try:
            response = self._send(method, path, body)
            if response.status_code == httpx.codes.NOT_FOUND and is_missing_fine:
                return None
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise CrashflowError(f"The Prefect server at {self.url} does not do what is asked: {error}.") from error
        answer: dict[str, Any] = response.json()
        return answer

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
