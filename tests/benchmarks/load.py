"""How many text reports a second become committed rows, from their files on, with Postgres on the same cores?"""

import contextlib
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from db import dumps, servers
from db.dumps import DumpFacts
from db.embedded import EmbeddedPostgres, locate
from db.settings import Settings
from deployments import console
from tasks.core.configuration import Configuration, ServerSettings
from tasks.steps import ingest, readers
from tasks.steps.workspace import Workspace, open_workspace
from tests.benchmarks import reports

TARGETS = {"reports_per_s": 500}
_SIZE = 10_000
_RECORDED = 1000
_CORES = 2


def run(count: int) -> dict[str, Any]:
    """Ingest so many reports of 10 KB; return figures, targets, and whether they are met."""
    with installation(ServerSettings(name="s")) as (room, postgres), two_cores():
        folder = room.settings.state_folder.parent / "crashes"
        record(room, write(folder, count))
        before = _cpu_s(), _postgres_cpu_s(postgres)
        figures = _ingest(room)
        after = _cpu_s(), _postgres_cpu_s(postgres)
        for name, start, end in zip(("cpu_ms", "postgres_cpu_ms"), before, after, strict=True):
            figures[name] = round((end - start) / count * 1000, 2)
        figures |= _bare_copy(postgres)
    shares = ", ".join(f"{name} {figures[f'{name}_share']:.0%}" for name in ("claim", "wait_for_reading", "place"))
    console.line(
        f"{figures['crashes']} crashes in {figures['seconds']:.1f} s: {figures['reports_per_s']:.0f} a second"
        f" ({shares}); CPU a report: {figures['cpu_ms']:.2f} ms ours, {figures['postgres_cpu_ms']:.2f} ms of Postgres;"
        f" a bare COPY of the same rows: {figures['bare_copy_rows_per_s']:.0f} a second"
    )
    is_met = figures["reports_per_s"] >= TARGETS["reports_per_s"] and figures["crashes"] == count
    return {"name": "ingest", "figures": figures, "targets": TARGETS, "met": is_met}


@contextlib.contextmanager
def installation(server: ServerSettings) -> Iterator[tuple[Workspace, EmbeddedPostgres]]:
    """Open a workspace on an empty Postgres of its own."""
    folder = Path(tempfile.mkdtemp(prefix="crashflow-load-"))
    folder.chmod(0o711)
    postgres = locate(folder / "pg", shared_room=folder / "shared")
    postgres.start()
    settings = Settings(
        configuration=Configuration(server=(server,)),
        state_folder=folder / "state",
        database_url=postgres.url("postgres").replace("postgresql+psycopg", "postgresql"),
    )
    try:
        room = open_workspace(settings)
        yield room, postgres
        room.database.close()
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def two_cores() -> Iterator[None]:
    """Keep this process and its children to two cores; Postgres has those that it had."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:_CORES]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def write(folder: Path, count: int) -> list[Path]:
    """Write reports of two formats and a hundred stacks, each with other bytes."""
    folder.mkdir(parents=True)
    paths = []
    for number in range(count):
        make = (reports.wheaty, reports.gdb)[number % 2]
        path = folder / f"{number:06}.txt"
        path.write_bytes(make(_SIZE + number % 97) + f"\n{number}\n".encode())
        paths.append(path)
    return paths


def record(room: Workspace, paths: Sequence[Path]) -> None:
    """Record files as the watcher does."""
    with room.database.transaction() as session:
        server_id = servers.ensure(session, "s")
        for start in range(0, len(paths), _RECORDED):
            files = [facts_of(path) for path in paths[start : start + _RECORDED]]
            dumps.record_all(session, server_id, files, ())


def facts_of(path: Path) -> DumpFacts:
    """Return what the watcher notes of a file."""
    found = path.stat()
    captured_at = datetime.fromtimestamp(found.st_mtime, tz=UTC)
    return DumpFacts(path=str(path), inode=found.st_ino, size=found.st_size, captured_at=captured_at)


def _ingest(room: Workspace) -> dict[str, float]:
    spent = {"claim": 0.0, "wait_for_reading": 0.0, "place": 0.0}
    start = mark = time.perf_counter()

    def note(name: str) -> None:
        nonlocal mark
        spent[name] += time.perf_counter() - mark
        mark = time.perf_counter()

    with readers.opened(room) as desk:
        batch = desk.begin(ingest.claim_in(room))
        note("claim")
        while batch.dumps:
            found = desk.end(batch)
            note("wait_for_reading")
            batch = desk.begin(ingest.claim_in(room))
            note("claim")
            ingest.place_in(room, found)
            note("place")
    seconds = time.perf_counter() - start
    with room.database.transaction() as session:
        crashes = int(session.connection().exec_driver_sql("SELECT count(*) FROM crash").scalar_one())
        defects = int(session.connection().exec_driver_sql("SELECT count(*) FROM defect").scalar_one())
    shares = {f"{name}_share": round(value / seconds, 3) for name, value in spent.items()}
    rate = round(crashes / seconds, 1)
    return {"crashes": crashes, "defects": defects, "seconds": round(seconds, 2), "reports_per_s": rate, **shares}


def _cpu_s() -> float:
    """Return the CPU time of this process and of its ended children: on a shared machine it says more than a rate."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _postgres_cpu_s(postgres: EmbeddedPostgres) -> float:
    with psycopg.connect(postgres.dsn("postgres")) as connection:
        backend = psutil.Process(connection.info.backend_pid)
    server = backend.parent()
    family = [server, *server.children()] if server else []
    total = 0.0
    for process in family:
        # A worker of the server's may end while it is looked at.
        with contextlib.suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            total += used.user + used.system + used.children_user + used.children_system
    return total


def _bare_copy(postgres: EmbeddedPostgres) -> dict[str, float]:
    """Copy the crash rows into a table alike: what Postgres alone needs for them."""
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE copied (LIKE crash INCLUDING ALL)")
        with connection.cursor().copy("COPY crash TO STDOUT") as reader:
            content = b"".join(bytes(part) for part in reader)
        start = time.perf_counter()
        with connection.cursor().copy("COPY copied FROM STDIN") as writer:
            writer.write(content)
        seconds = time.perf_counter() - start
        rows = connection.execute("SELECT count(*) FROM copied").fetchone()
    total = int(rows[0]) if rows else 0
    return {"bare_copy_rows_per_s": round(total / seconds), "bytes_per_crash": round(len(content) / max(1, total))}
