"""A Prefect server that is there and can do nothing, as with a full disk, is told in one sentence."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_SCRIPT = """
from flows.limits import occupied
from tasks.core.errors import CrashflowError
try:
    with occupied("ingest"):
        print("entered")
except CrashflowError as error:
    print(error)
"""


class _Broken(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer  # noqa: N815  the names that http.server calls

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_can_not_give_a_turn_is_told_with_what_to_do() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CRASHFLOW_"))}
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            env=kept | {"PREFECT_API_URL": f"http://127.0.0.1:{server.server_port}/api"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        server.shutdown()
    assert "could not give this run its turn" in done.stdout, done.stderr
    assert "then run this again" in done.stdout
    assert "entered" not in done.stdout
