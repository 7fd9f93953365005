"""
Asking Prefect for an ingest run, from a process that does not import Prefect and must not wait for it.

One thread asks; many wishes become one request. What can't be asked is asked again, and below it all lies the
schedule that reads what waits every minute.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

DEPLOYMENT = "ingest-dumps/default"
TIMEOUT_S = 1.0
REST_S = 1.0
RETRY_S = (1.0, 2.0, 5.0, 10.0)
_SOON = timedelta(seconds=5)


class IngestApi:
    """Prefect's REST API as far as an ingest run is asked for; ``url`` ends in ``/api``."""

    def __init__(self, url: str) -> None:
        self.url = url
        # One client for all requests: making one reads the system's certificates, which stops all threads for a while.
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_S, verify=url.startswith("https:"))

    def ask(self) -> bool:
        """
        Ask for a run unless one is about to start; say whether one was asked for.

        A run that is on its way may have looked for dumps already, so it does not count.

        Raises:
            httpx.HTTPError: the server does not answer in time, or does not know the deployment.
        """
        deployment = _answer(self._client.get(f"/deployments/name/{DEPLOYMENT}"))
        waiting = {
            "deployments": {"id": {"any_": [deployment["id"]]}},
            "flow_runs": {
                "state": {"type": {"any_": ["SCHEDULED", "PENDING"]}},
                "expected_start_time": {"before_": (datetime.now(tz=UTC) + _SOON).isoformat()},
            },
        }
        if _answer(self._client.post("/flow_runs/count", json=waiting)):
            return False
        body = {"parameters": {}, "state": {"type": "SCHEDULED"}}
        _answer(self._client.post(f"/deployments/{deployment['id']}/create_flow_run", json=body))
        return True


class IngestRequests:
    """Takes wishes for an ingest run and has one thread ask for it; ``wish`` returns at once, whatever Prefect does."""

    def __init__(self, url: str | None, tell: Callable[[str], None]) -> None:
        self._api = IngestApi(url.rstrip("/")) if url else None
        self._tell = tell
        self._is_wished = threading.Event()
        self._is_over = threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._serve, name="ingest requests", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        if self._api is None:
            self._tell("PREFECT_API_URL is not set: dumps are recorded and wait until `crashflow up` or `ingest` runs.")
        else:
            self._thread.start()

    def wish(self) -> None:
        """Have an ingest run asked for soon."""
        self._is_wished.set()

    def stop(self) -> None:
        """Ask for no more; a request that is under way ends by itself."""
        self._is_over.set()
        self._is_wished.set()

    def _serve(self) -> None:
        assert self._api is not None
        while True:
            self._is_wished.wait()
            if self._is_over.is_set():
                return
            self._is_wished.clear()
            if self._ask(self._api):
                self._is_over.wait(REST_S)
                continue
            self._is_wished.set()
            self._is_over.wait(RETRY_S[min(self._failures, len(RETRY_S)) - 1])

    def _ask(self, api: IngestApi) -> bool:
        started = time.monotonic()
        try:
            api.ask()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            self._failures += 1
            if self._failures == 1:
                took = f"{type(error).__name__} after {time.monotonic() - started:.1f} s"
                self._tell(
                    f"Prefect at {api.url} can't be asked for an ingest run ({took});"
                    " dumps are recorded and wait, and it is asked again."
                )
            return False
        if self._failures:
            self._tell(f"Prefect at {api.url} answers again; an ingest run is asked for.")
        self._failures = 0
        return True


def _answer(response: httpx.Response) -> Any:
    response.raise_for_status()
    return response.json()
