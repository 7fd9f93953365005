"""How long after a crash file is closed is its row committed, with Prefect there, gone, and silent?"""

import contextlib
import http.server
import json
import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from db.embedded import EmbeddedPostgres, locate
from db.settings import Settings
from deployments import console
from tasks.core.configuration import Configuration, ServerSettings
from tasks.steps import ingest
from tasks.steps.workspace import open_workspace
from tests import crash_files

TARGETS = {"p99_ms": 100.0}
RATES = (1, 10, 100)
_LOG_BYTES = 2_000_000
_PATIENCE_S = 120.0
_CONFIGURATION = '[[server]]\nname = "s"\ncrash_folders = ["crashes"]\nlogs = ["Server.log"]\n'


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """A folder with a configuration, a Postgres that remembers when it committed, and where Prefect would answer."""

    folder: Path
    postgres: EmbeddedPostgres
    port: int

    @property
    def crashes(self) -> Path:
        return self.folder / "crashes"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.dsn("postgres")) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]

    def count(self, condition: str = "true") -> int:
        return int(self.ask(f"SELECT count(*) FROM dump WHERE {condition}")[0][0])


def run(seconds: int) -> dict[str, Any]:
    """Measure each rate in each weather for so many seconds; return figures, targets, and whether they are met."""
    figures: dict[str, Any] = {}
    rows = []
    with _bench() as bench, _watcher(bench):
        for weather, surroundings in (("prefect up", _answering), ("dead port", _nothing), ("black hole", _silent)):
            with surroundings(bench.port):
                for rate in RATES:
                    late = _measure(bench, rate, seconds, name=f"{weather}-{rate}".replace(" ", "_"))
                    rows.append(
                        (weather, rate, len(late), *(f"{x:.1f}" for x in (_p(late, 50), _p(late, 99), max(late))))
                    )
                    key = f"{weather}_{rate}".replace(" ", "_")
                    figures |= {f"{key}_p50_ms": round(_p(late, 50), 2), f"{key}_p99_ms": round(_p(late, 99), 2)}
        console.table(("Prefect", "dumps a second", "dumps", "p50 ms", "p99 ms", "longest ms"), rows, title="Detection")
        figures |= _ingest_what_waited(bench)
    is_fast = all(value <= TARGETS["p99_ms"] for key, value in figures.items() if key.endswith("p99_ms"))
    is_whole = figures["lost"] == 0 and figures["parsed"] == figures["dumps"] == figures["crashes"]
    return {"name": "detect", "figures": figures, "targets": TARGETS, "met": is_fast and is_whole}


def _measure(bench: _Bench, rate: int, seconds: int, *, name: str) -> list[float]:
    """Write dumps at a rate while the server writes its log; return how late each row was committed, in ms."""
    before, closed = bench.count(), {}
    start = time.monotonic()
    for number in range(rate * seconds):
        time.sleep(max(0.0, start + number / rate - time.monotonic()))
        path = bench.crashes / f"{name}-{number}.txt"
        with (bench.folder / "Server.log").open("ab") as log:
            log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} ERROR [server] {number} went wrong\n".encode())  # noqa: DTZ005
        path.write_bytes(crash_files.text(number) + b"\r\n" * (number % 50) + name.encode())
        closed[path.name] = time.time()
    deadline = time.monotonic() + _PATIENCE_S
    while bench.count() < before + len(closed):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{before + len(closed) - bench.count()} dumps were not recorded in {_PATIENCE_S:.0f} s")
        time.sleep(0.2)
    query = f"SELECT path, pg_xact_commit_timestamp(xmin) FROM dump WHERE path LIKE '%/{name}-%'"
    return [(at.timestamp() - closed[Path(path).name]) * 1000 for path, at in bench.ask(query)]


def _ingest_what_waited(bench: _Bench) -> dict[str, Any]:
    """Let Prefect answer again; when the watcher asks for a run, do its work in this process."""
    dumps = bench.count()
    with _answering(bench.port) as asked:
        start = time.monotonic()
        if not asked.wait(_PATIENCE_S):
            raise RuntimeError("the watcher did not ask for an ingest run")
        asked_after = time.monotonic() - start
    settings = Settings(
        configuration=Configuration(server=(ServerSettings(name="s"),)),
        state_folder=bench.folder / "state",
        database_url=_plain(bench.postgres.url("postgres")),
    )
    room = open_workspace(settings)
    start = time.monotonic()
    while claimed := ingest.claim_in(room):
        ingest.place_in(room, [ingest.read_in(room, dump) for dump in claimed])
    took = time.monotonic() - start
    room.database.close()
    parsed, crashes = bench.count("state = 'PARSED'"), int(bench.ask("SELECT count(*) FROM crash")[0][0])
    tails = int(bench.ask("SELECT coalesce(sum(length(content)), 0) FROM log_tail")[0][0])
    files = sum(1 for _ in bench.crashes.iterdir())
    console.line(
        f"{files} files, {dumps} rows; asked for a run {asked_after:.1f} s after Prefect was back; {parsed} read"
        f" in {took:.0f} s, {crashes} crashes. Log tails take {tails / 1e6:.1f} MB."
    )
    return {
        "dumps": dumps,
        "lost": files - dumps,
        "parsed": parsed,
        "crashes": crashes,
        "asked_after_s": round(asked_after, 1),
        "log_tails_mb": round(tails / 1e6, 2),
    }


def _p(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


@contextlib.contextmanager
def _bench() -> Iterator[_Bench]:
    folder = Path(tempfile.mkdtemp(prefix="crashflow-detect-"))
    folder.chmod(0o711)
    (folder / "crashes").mkdir()
    (folder / "Server.log").write_bytes(
        b"2025-10-31 00:00:00 INFO [server] the world goes round\n" * (_LOG_BYTES // 55)
    )
    (folder / "crashflow.toml").write_text(_CONFIGURATION, encoding="utf-8")
    server = locate(folder / "pg", shared_room=folder / "shared")
    server.start()
    try:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        server.stop()
        server.start()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        yield _Bench(folder=folder, postgres=server, port=port)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _watcher(bench: _Bench) -> Iterator[None]:
    environment = dict(os.environ) | {
        "CRASHFLOW_CONFIG": str(bench.folder / "crashflow.toml"),
        "CRASHFLOW_HOME": str(bench.folder / "state"),
        "CRASHFLOW_DATABASE_URL": _plain(bench.postgres.url("postgres")),
        "PREFECT_API_URL": f"http://127.0.0.1:{bench.port}/api",
    }
    child = subprocess.Popen((sys.executable, "-m", "deployments.watch"), env=environment)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not bench.ask("SELECT to_regclass('crash_dump') IS NOT NULL")[0][0]:
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the watcher did not start")
            time.sleep(0.2)
        time.sleep(2)
        yield
    finally:
        child.terminate()
        child.wait()


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


@contextlib.contextmanager
def _answering(port: int) -> Iterator[threading.Event]:
    """Answer as Prefect's server does to the three calls of the watcher; the event says that a run was asked for."""
    asked = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"id": "00000000-0000-0000-0000-000000000001"})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_count = self.path.endswith("/count")
            if not is_count:
                asked.set()
            self._answer(0 if is_count else {"id": "2"})

        def _answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def _nothing(port: int) -> Iterator[None]:
    yield


@contextlib.contextmanager
def _silent(port: int) -> Iterator[None]:
    """Take connections and never answer."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(math.ceil(_PATIENCE_S))
        yield
