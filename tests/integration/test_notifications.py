"""A real Prefect server tells a webhook that a fix is ready, by the automation that the runner makes."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from db.settings import Settings
from deployments import prefect_services
from tasks.core.configuration import Configuration
from tests.nightly import NIGHTLY

_MAKE_BLOCK = """
import sys
from prefect.blocks.webhook import Webhook
Webhook(url=sys.argv[1]).save("ops")
"""
_ENSURE = """
import sys
from prefect.client.orchestration import get_client
from deployments import notifications
from tasks.core.configuration import NotifySettings
from tasks.core.errors import ConfigurationError
block, *events = sys.argv[1:]
with get_client(sync_client=True) as client:
    try:
        settings = NotifySettings(block=block or None, events=tuple(events) or ("ready", "failed"))
        for _ in range(2):
            notifications.ensure(client, settings)
    except ConfigurationError as error:
        print(error)
    for found in client.read_automations_by_name(notifications.NAME):
        print(found.id, sorted(found.trigger.expect))
"""
_ANNOUNCE = """
import sys
from tasks.steps import runs
fields = {"subject": "A fix waits", "text": 'said "so"\\nand {{ more }}', "fix_id": 7, "state": "AWAITING_APPROVAL"}
runs.announce(sys.argv[1], resource="crashflow.fix.7", name="x", payload=fields | {"pull_request": None, "report": "fix-7"})
"""  # noqa: E501


class _Listener(BaseHTTPRequestHandler):
    heard: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a webhook, and what it was sent."""
    kind = type("Listener", (_Listener,), {"heard": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook", kind.heard
        server.shutdown()


@NIGHTLY
def test_a_fix_that_is_ready_reaches_the_webhook(tmp_path: Path, heard: tuple[str, list[dict[str, Any]]]) -> None:
    address, messages = heard
    with prefect_services.prefect_server(Settings(configuration=Configuration(), state_folder=tmp_path)) as api:

        def call(script: str, *words: str) -> str:
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CRASHFLOW"))}
            environment = kept | {"PREFECT_API_URL": api.url, "CRASHFLOW_HOME": str(tmp_path)}
            command = [sys.executable, "-c", script, *words]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
            assert 0 == done.returncode, done.stderr
            return done.stdout

        assert "There is no Prefect block webhook/ops, which [notify] names" in call(_ENSURE, "webhook/ops")
        call(_MAKE_BLOCK, address)
        first = call(_ENSURE, "webhook/ops")
        assert 1 == first.count("crashflow.fix.ready")
        assert first == call(_ENSURE, "webhook/ops")

        call(_ANNOUNCE, "crashflow.fix.ready")
        deadline = time.monotonic() + 60
        while not messages and time.monotonic() < deadline:
            time.sleep(0.1)
        told = {"subject": "A fix waits", "text": 'said "so"\nand {{ more }}', "fix_id": 7, "report": "fix-7"}
        assert [told | {"state": "AWAITING_APPROVAL", "pull_request": None}] == messages

        assert "['crashflow.fix.failed']" in call(_ENSURE, "webhook/ops", "failed")
        assert "" == call(_ENSURE, "")
