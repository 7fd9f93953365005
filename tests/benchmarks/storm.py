"""Ten thousand dumps of twenty defects, while two processes ingest: is each crash a row, each defect and fix one?"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text

from db import dumps, servers
from db.dumps import TailFacts
from db.settings import Settings
from deployments import console
from tasks.core.configuration import Configuration, ServerSettings, SourceSettings
from tasks.steps import ingest, readers, triage
from tasks.steps.workspace import Workspace, open_workspace
from tests import crash_files
from tests.benchmarks import load

TARGETS = {"seconds": 60.0}
DEFECTS = 20
_PROCESSES = 2
_MINUTES = 5
_RECORDED = 100
_LOG_BYTES = 1_000_000
_PATIENCE_S = 600.0
_SERVER = ServerSettings(name="s", source=SourceSettings(repository=Path("/nonexistent")))


def run(count: int) -> dict[str, Any]:
    """Let so many dumps arrive while they are ingested; return figures, targets, and whether they are met."""
    with load.installation(_SERVER) as (room, postgres), load.two_cores():
        folder = room.settings.state_folder.parent / "crashes"
        paths = _write(folder, count)
        command = (sys.executable, "-m", "tests.benchmarks.storm", postgres.url("postgres"), str(folder.parent))
        start = time.perf_counter()
        workers = [subprocess.Popen(command) for _ in range(_PROCESSES)]
        try:
            _record(room, paths)
            recorded = time.perf_counter() - start
            (folder.parent / "recorded").touch()
            codes = [worker.wait(_PATIENCE_S) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
        seconds = time.perf_counter() - start
        figures = {"seconds": round(seconds, 1), "recorded_after_s": round(recorded, 1)} | _counts(room)
    figures["dumps_per_s"] = round(count / seconds, 1)
    console.line(", ".join(f"{name} {value}" for name, value in figures.items()))
    is_right = (figures["crashes"], figures["defects"], figures["fixes"]) == (count, min(DEFECTS, count), DEFECTS)
    is_met = is_right and figures["counted"] == count and not any(codes) and seconds < TARGETS["seconds"]
    return {"name": "storm", "figures": figures, "targets": TARGETS, "met": is_met}


def work(url: str, folder: Path) -> None:
    """Ingest and triage until everything is recorded and read: one of the two processes."""
    settings = Settings(
        configuration=Configuration(server=(_SERVER,)),
        state_folder=folder / "state",
        database_url=url.replace("postgresql+psycopg", "postgresql"),
    )
    room = open_workspace(settings)
    with readers.opened(room) as desk:
        while True:
            is_last = (folder / "recorded").exists()
            batch = desk.begin(ingest.claim_in(room))
            if batch.dumps:
                triage.triage_in(room, ingest.place_in(room, desk.end(batch)))
            elif is_last:
                return
            else:
                time.sleep(0.05)


def _write(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True)
    paths = []
    for number in range(count):
        report = crash_files.text(number, function=f"Storm{number % DEFECTS}::Update")
        minute = b"Time 0:%d" % (35 + number * _MINUTES // count)
        path = folder / f"{crash_files.stem(number)}.txt"
        path.write_bytes(report.replace(b"Time 0:35", minute))
        paths.append(path)
    return paths


def _record(room: Workspace, paths: Sequence[Path]) -> None:
    line = b"2025-10-31 00:%02d:%02d ERROR [server] the world goes round and round\n"
    seconds = (second for second in range(600) for _ in range(25))
    log = b"".join(line % (30 + second // 60, second % 60) for second in seconds)[-_LOG_BYTES:]
    for start in range(0, len(paths), _RECORDED):
        files = [load.facts_of(path) for path in paths[start : start + _RECORDED]]
        tail = TailFacts(
            path="Server.log", content=log, offset=0, size=len(log), inode=1, modified_at=None, is_cut=False, error=None
        )
        with room.database.transaction() as session:
            dumps.record_all(session, servers.ensure(session, "s"), files, (tail,))


def _counts(room: Workspace) -> dict[str, Any]:
    queries = {
        "crashes": "SELECT count(*) FROM crash",
        "defects": "SELECT count(*) FROM defect",
        "counted": "SELECT coalesce(sum(crash_count), 0)::bigint FROM defect",
        "fixes": "SELECT count(*) FROM fix",
        "log_windows": "SELECT count(*) FROM crash WHERE log_window IS NOT NULL",
        "unread": "SELECT count(*) FROM dump WHERE state <> 'PARSED'",
    }
    with room.database.transaction() as session:
        return {name: int(session.execute(text(query)).scalar_one()) for name, query in queries.items()}


if __name__ == "__main__":
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    work(sys.argv[1], Path(sys.argv[2]))
