"""Asking for ingest runs over HTTP: many wishes are one request, and whoever wishes never waits."""

import contextlib
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from db.settings import Settings
from deployments import watch
from deployments.ingest_requests import IngestRequests
from tasks.core.configuration import Configuration, ServerSettings
from tasks.core.errors import ConfigurationError


@dataclass
class Prefect:
    """What a loopback server was asked that answers as Prefect's does."""

    waiting: int = 0
    runs: int = 0
    bodies: list[dict[str, object]] = field(default_factory=list)
    url: str = ""


@contextlib.contextmanager
def serve(prefect: Prefect) -> Iterator[None]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"id": "7f000000-0000-0000-0000-000000000001"})

        def do_POST(self) -> None:
            prefect.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if self.path.endswith("/create_flow_run"):
                prefect.runs += 1
            self._answer(prefect.waiting if self.path.endswith("/count") else {})

        def _answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    prefect.url = f"http://127.0.0.1:{server.server_port}/api"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def test_many_wishes_are_one_request() -> None:
    prefect = Prefect()
    with serve(prefect):
        requests = IngestRequests(prefect.url, print)
        requests.start()
        start = time.monotonic()
        for _ in range(1000):
            requests.wish()
        assert time.monotonic() - start < 1
        time.sleep(2.5)
        requests.stop()
    assert 1 <= prefect.runs <= 2


def test_while_a_run_is_about_to_start_none_is_asked_for() -> None:
    prefect = Prefect(waiting=1)
    with serve(prefect):
        requests = IngestRequests(prefect.url, print)
        requests.start()
        requests.wish()
        time.sleep(1)
        requests.stop()
    assert (0, 1) == (prefect.runs, len(prefect.bodies))


@pytest.mark.parametrize("is_listening", [True, False], ids=["nobody answers", "nobody listens"])
def test_without_prefect_one_sentence_is_said_and_nobody_waits(*, is_listening: bool) -> None:
    said: list[str] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if is_listening:
            listener.listen()
        requests = IngestRequests(f"http://127.0.0.1:{listener.getsockname()[1]}/api", said.append)
        requests.start()
        start = time.monotonic()
        requests.wish()
        assert time.monotonic() - start < 0.5
        time.sleep(5)
        requests.stop()
    (sentence,) = said
    assert "dumps are recorded and wait" in sentence


def test_a_crash_folder_belongs_to_one_server(tmp_path: Path) -> None:
    servers = tuple(ServerSettings(name=name, crash_folders=(tmp_path,)) for name in ("a", "b"))
    loaded = Settings(configuration=Configuration(server=servers), state_folder=tmp_path / "state")
    with pytest.raises(ConfigurationError, match="each belongs to one server"):
        watch.watch(loaded)
