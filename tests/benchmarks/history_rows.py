"""
A crash history of any length: our own crash texts renamed into many defects, then spread over days, servers and builds.

Each defect is read, named and judged once, as ingest does; its rows are written by COPY and copied within Postgres.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from db import crashes
from db.crashes import CrashFacts
from db.session import Database
from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers
from tasks.core.crash import Crash, Frame
from tasks.core.errors import DumpError
from tasks.core.matching import PatternIndex, Placement
from tasks.steps import reading
from tests import snapshots

DAYS = 90
SERVERS = ("alpha", "beta", "gamma")
BUILDS = tuple(f"rev-{number}" for number in range(1, 14))
CHUNK = 20_000
DEFECTS = 2_000
_LOG_LINES = 40
_NAME = re.compile(r"\b[A-Z]\w+(?=::)")
_NOT_ROWS = ("server_id", "dump_id", "capture", "report_hash", "occurred_at", "build", "placement")


def fill(database: Database, dsn: str, rows: int) -> None:
    """Write so many crashes; a few defects have most of them, as in life, and some have patterns and fixes."""
    defects = min(DEFECTS, max(500, rows // 500))
    seeds = list(_seeds(defects))
    with psycopg.connect(dsn) as connection:
        connection.execute("SET synchronous_commit = off")
        for server in SERVERS:
            connection.execute(
                "INSERT INTO server (name, created_at) VALUES (%s, now() - interval '90 days')", (server,)
            )
        _write_seeds(connection, seeds)
        connection.commit()
        _write_crashes(connection, defects, rows)
        _count_defects(connection)
        _write_fixes(connection)
        connection.execute("SELECT crash_rollup_compact()")
        connection.commit()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _seeds(count: int) -> Iterator[dict[str, Any]]:
    lists, originals = stack_lists(), list(_originals())
    window = {"logs": {"Server.log": {"basis": "time", "lines": [_log_line(number) for number in range(_LOG_LINES)]}}}
    for number in range(count):
        crash = _renamed(originals[number % len(originals)], number)
        understood = reading.understand(crash, lists, PatternIndex([]))
        facts = CrashFacts(
            server_id=0,
            dump_id=0,
            capture="",
            report_hash="",
            occurred_at=datetime.now(UTC),
            crash=crash,
            signature=understood.signature,
            assessment=understood.assessment,
            placement=Placement(how="key", defect_id=number + 1, score=1.0),
            log_window=window,
        )
        shape = matching.shape(understood.signature)
        yield {
            "columns": crashes.columns(facts),
            "shape": shape,
            "keys": matching.keys(crash, understood.signature),
        }


def _originals() -> Iterator[Crash]:
    """Our own texts that name functions; what has no name of ours makes no defect that renaming could tell apart."""
    for path in sorted((Path(snapshots.__file__).parent / "texts").glob("*.txt")):
        try:
            found = parsers.parse(path.read_bytes())
        except DumpError:
            continue
        yield from (crash for crash in found if any(frame.function for frame in crash.frames))


def _renamed(crash: Crash, number: int) -> Crash:
    def frame(old: Frame) -> Frame:
        name = old.function and _NAME.sub(lambda found: f"{found[0]}{number}", old.function)
        return old._replace(function=name if name != old.function or not old.file else f"{old.function}{number}")

    threads = tuple(replace(thread, frames=tuple(map(frame, thread.frames))) for thread in crash.threads)
    return replace(crash, threads=threads)


def _log_line(number: int) -> dict[str, Any]:
    chosen = random.Random(number)
    words = " ".join(f"{chosen.randrange(16**8):08x}" for _ in range(4))
    return {"at": f"2026-11-21T03:41:{number:02d}", "level": "INFO", "text": f"Player {words} moved to map {number}"}


def _write_seeds(connection: psycopg.Connection, seeds: list[dict[str, Any]]) -> None:
    connection.execute("CREATE TEMP TABLE seed AS SELECT * FROM crash WITH NO DATA")
    names = [name for name in seeds[0]["columns"] if name not in _NOT_ROWS]
    with connection.cursor().copy(f"COPY seed ({', '.join(names)}) FROM STDIN") as copy:
        for seed in seeds:
            copy.write_row([_plain(seed["columns"][name]) for name in names])
    patterns = [row[0] for row in connection.execute("SELECT id FROM pattern ORDER BY id")]
    now = datetime.now(UTC)
    columns = "signature, location, in_app, assertion, pattern_id, first_seen, last_seen, state, route"
    with connection.cursor().copy(f"COPY defect ({columns}) FROM STDIN") as copy:
        for number, seed in enumerate(seeds):
            shape = seed["shape"]
            pattern = patterns[number % len(patterns)] if patterns and number % 4 == 0 else None
            signature, in_app = seed["columns"]["signature"], list(shape.in_app)
            route = "template" if pattern else "claude"
            copy.write_row([signature, shape.location, in_app, shape.assertion, pattern, now, now, "open", route])
    for number, seed in enumerate(seeds, start=1):
        for key in seed["keys"]:
            connection.execute(
                "INSERT INTO defect_key (kind, value, defect_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (key.kind, key.value, number),
            )
    connection.execute("CREATE INDEX ON seed (defect_id)")


def _plain(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def _write_crashes(connection: psycopg.Connection, defects: int, rows: int) -> None:
    chosen = random.Random(1)
    weights = list(accumulate(1 / (rank + 1) for rank in range(defects)))
    numbers = list(range(1, defects + 1))
    chosen.shuffle(numbers)
    names = [
        row[0]
        for row in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'seed'::regclass AND attnum > 0"
        )
    ]
    copied = [name for name in names if name not in {*_NOT_ROWS, "id", "created_at", "is_place_decided"}]
    now = datetime.now(UTC)
    for begin in range(0, rows, CHUNK):
        connection.execute(
            "CREATE TEMP TABLE part (n bigint, defect bigint, server bigint, at timestamptz, build text)"
        )
        size = min(CHUNK, rows - begin)
        with connection.cursor().copy("COPY part FROM STDIN") as copy:
            for index, defect in enumerate(chosen.choices(numbers, cum_weights=weights, k=size)):
                share = (begin + index + chosen.random()) / rows
                at = now - timedelta(days=DAYS) * (1 - share)
                build = BUILDS[min(len(BUILDS) - 1, int(share * len(BUILDS)))]
                copy.write_row([begin + index + 1, defect, 1 + chosen.randrange(len(SERVERS)), at, build])
        connection.execute(
            "INSERT INTO dump (server_id, path, inode, size, captured_at, detected_at, kind, sha256, state)"
            " SELECT server, '/srv/crashes/crash-' || n || '.txt', n, 10240, at, at + interval '40 ms', 'text',"
            " md5(n::text) || md5(n::text), 'PARSED' FROM part ORDER BY n"
        )
        connection.execute(
            f"INSERT INTO crash ({', '.join(copied)}, server_id, dump_id, capture, report_hash, occurred_at, build,"
            f" placement) SELECT {', '.join(f'seed.{name}' for name in copied)}, part.server, part.n,"
            " '/srv/crashes/crash-' || n, md5(n::text) || md5(n::text), part.at, part.build, 'matched'"
            " FROM part JOIN seed ON seed.defect_id = part.defect ORDER BY part.n"
        )
        connection.execute("INSERT INTO crash_dump SELECT n, n FROM part")
        connection.execute("DROP TABLE part")
        connection.commit()


def _count_defects(connection: psycopg.Connection) -> None:
    connection.execute(
        "UPDATE defect SET crash_count = told.crashes, first_seen = told.first, last_seen = told.last,"
        " exemplar_id = told.exemplar, first_build = told.first_build, last_build = told.last_build FROM ("
        "SELECT defect_id, count(*) AS crashes, min(occurred_at) AS first, max(occurred_at) AS last,"
        " min(id) AS exemplar, (array_agg(build ORDER BY id))[1] AS first_build,"
        " (array_agg(build ORDER BY id DESC))[1] AS last_build FROM crash GROUP BY defect_id"
        ") told WHERE told.defect_id = defect.id"
    )
    connection.execute(
        "INSERT INTO match (crash_id, pattern_id, score, location, matched, missing)"
        " SELECT crash.id, defect.pattern_id, 0.8, defect.location, '[]', '{}' FROM crash"
        " JOIN defect ON defect.id = crash.defect_id"
        " WHERE defect.pattern_id IS NOT NULL AND defect.location IS NOT NULL"
    )


def _write_fixes(connection: psycopg.Connection) -> None:
    states = json.dumps(["AWAITING_APPROVAL", "DEPLOYED", "FAILED", "REJECTED", "ANALYSIS_PENDING"])
    connection.execute(
        "INSERT INTO fix (defect_id, server_id, crash_id, pattern_id, route, template, state, reason)"
        " SELECT id, 1, exemplar_id, pattern_id, route, CASE WHEN pattern_id IS NOT NULL THEN 'null-check' END,"
        " %s::jsonb ->> (id %% 5)::int, 'generated' FROM defect WHERE exemplar_id IS NOT NULL AND id %% 2 = 0",
        (states,),
    )
