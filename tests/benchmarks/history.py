"""How long does each question that README shows take on a long history, what does a crash cost on disk?"""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import create_engine

from db import migrate, patterns, reprocessing
from db.embedded import EmbeddedPostgres, locate
from db.session import Database
from db.settings import Settings
from deployments import console
from tasks.clients import knowledge
from tasks.core.configuration import Configuration
from tasks.steps import reprocess
from tasks.steps.workspace import Workspace
from tests.benchmarks import history_rows

TARGETS = {"worst_ms": 50.0, "bytes_a_crash": 8192.0, "scans_of_crashes": 0.0}
README = Path(__file__).parents[2] / "README.md"
_RUNS = 5
_CHUNKS = 3
_LARGE = frozenset({"crash", "dump", "crash_dump", "match"})
_TABLES = ("crash", "crash_dump", "match", "crash_rollup_daily", "dump")


def run(rows: int) -> dict[str, Any]:
    """Write the history, ask each question several times; return figures, targets, and whether they are met."""
    folder = Path(tempfile.mkdtemp(prefix="crashflow-history-"))
    folder.chmod(0o711)
    server = locate(folder, shared_room=folder / "shared")
    server.start()
    try:
        return _measure(server, rows)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def questions() -> list[str]:
    """Return the questions in SQL that README shows."""
    blocks = re.findall(r"```sql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    statements = (re.sub(r"--.*", "", statement).strip() for block in blocks for statement in block.split(";"))
    return [" ".join(statement.split()) for statement in statements if statement]


def _measure(server: EmbeddedPostgres, rows: int) -> dict[str, Any]:
    database = Database(engine=create_engine(server.url("postgres")))
    migrate.upgrade(database)
    with database.transaction() as session:
        for pack in knowledge.pattern_packs():
            patterns.import_pack(session, pack)
    start = time.perf_counter()
    history_rows.fill(database, server.dsn("postgres"), rows)
    console.line(f"{rows} crashes written in {time.perf_counter() - start:.0f} s")
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        asked = {question: _ask(connection, question) for question in questions()}
        sizes = {table: _size(connection, table) / rows for table in _TABLES}
    for question, (milliseconds, scans) in asked.items():
        console.line(f"{milliseconds:8.1f} ms  {question[:100]}{'  SCANS ' + ', '.join(scans) if scans else ''}")
    console.line(", ".join(f"{table} {size:.0f}" for table, size in sizes.items()) + " bytes a crash")
    rates = _reprocess(Workspace(settings=_settings(server), database=database, lists=knowledge.stack_lists()))
    console.line(f"reprocess-history: {rates[0]:.0f} crashes a second, {rates[1]:.0f} where nothing changes any more")
    figures = {
        "rows": rows,
        "questions": len(asked),
        "worst_ms": round(max(milliseconds for milliseconds, _ in asked.values()), 1),
        "scans_of_crashes": sum(len(scans) for _, scans in asked.values()),
        "bytes_a_crash": round(sum(sizes.values())),
        "reprocessed_a_second": round(rates[0]),
        "unchanged_a_second": round(rates[1]),
    }
    database.close()
    is_met = all(figures[name] <= target for name, target in TARGETS.items())
    return {"name": "history", "figures": figures, "targets": TARGETS, "met": is_met}


def _ask(connection: psycopg.Connection, question: str) -> tuple[float, list[str]]:
    """Return the median time until the last row is there, and the large tables that the plan reads as a whole."""
    times = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        connection.execute(question).fetchall()  # type: ignore[call-overload]
        times.append((time.perf_counter() - start) * 1000)
    plan = connection.execute(f"EXPLAIN (FORMAT JSON) {question}").fetchone()  # type: ignore[call-overload]
    return median(times), sorted(set(_scans(plan[0][0]["Plan"])))


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in _LARGE:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _settings(server: EmbeddedPostgres) -> Settings:
    return Settings(configuration=Configuration(), state_folder=server.folder)


def _reprocess(room: Workspace) -> tuple[float, float]:
    """Read the first crashes again; a quarter of them has another pattern than the rules give. Then once more."""
    rates = []
    for _ in range(2):
        with room.database.transaction() as session:
            run_id = reprocessing.begin(session, "benchmark", None).id
        start = time.perf_counter()
        seen = sum(reprocess.chunk_in(room, run_id).seen for _ in range(_CHUNKS))
        rates.append(seen / (time.perf_counter() - start))
        with room.database.transaction() as session:
            reprocessing.finish(session, run_id)
    return rates[0], rates[1]


def _size(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute("SELECT pg_total_relation_size(%s::regclass)", (table,)).fetchone()
    return int(row[0]) if row else 0
