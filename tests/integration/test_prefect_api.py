"""The command line's own calls to a Prefect server that is busy, against a loopback server that says so."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deployments.prefect_api import PrefectApi
from tasks.core.errors import CrashflowError


class BusyServer(ThreadingHTTPServer):
    """Answers the statuses it was given, then 201, and keeps the bodies that it got."""

    def __init__(self, statuses: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = statuses
        self.bodies: list[dict[str, Any]] = []

    @property
    def api(self) -> PrefectApi:
        return PrefectApi(url=f"http://127.0.0.1:{self.server_port}/api")


class _Handler(BaseHTTPRequestHandler):
    server: BusyServer

    def do_GET(self) -> None:
        self._answer(200, {"id": "deployment"})

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status = self.server.statuses.pop(0) if self.server.statuses else 201
        self._answer(status, {"id": "run"})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Stay quiet: the base class writes to standard error."""


@pytest.fixture
def start() -> Iterator[Any]:
    servers: list[BusyServer] = []

    def _start(statuses: list[int]) -> BusyServer:
        servers.append(BusyServer(statuses))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1]

    yield _start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_busy_server_is_asked_again_for_the_same_run(start: Any):
    """SQLite's lock makes Prefect's server say 503; the key keeps a repeated request from making a second run."""
    server = start([503, 503])
    assert "run" == server.api.create_run("ingest-dumps/default", {"dump_ids": [1]})
    assert 3 == len(server.bodies)
    assert 1 == len({body["idempotency_key"] for body in server.bodies})


def test_what_the_server_refuses_is_not_asked_again(start: Any):
    server = start([422])
    with pytest.raises(CrashflowError, match="422"):
        server.api.create_run("ingest-dumps/default", {})
    assert 1 == len(server.bodies)


def test_two_requests_are_two_runs(start: Any):
    server = start([])
    for _ in range(2):
        server.api.create_run("ingest-dumps/default", {})
    assert 2 == len({body["idempotency_key"] for body in server.bodies})
