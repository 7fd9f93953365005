"""Reports of crashes that the database knows: collected, written, and found by the command."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from db import crashes, defects, dumps, servers
from db.crashes import CrashFacts
from db.defects import Sighting
from db.dumps import DumpFacts
from db.session import Database
from deployments import cli
from tasks.clients import knowledge
from tasks.core import crash_markdown, matching
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.crash_report import CrashReport
from tasks.core.matching import PatternIndex
from tasks.steps import reading, stories

AT = datetime(2026, 11, 21, 3, 41, tzinfo=UTC)
STACK = ("Bag::take", "Shop::sell", "Mail::send", "main")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One crash to store."""

    stack: tuple[str, ...] = STACK
    minutes: float = 0
    server: str = "world-1"
    frames: int = 1
    name_length: int = 0


def store(database: Database, case: Case, number: int) -> int:
    """Store a crash as ingest does, but for its file and log."""
    names = [name.ljust(case.name_length, "x") for name in case.stack * case.frames]
    frames = tuple(
        Frame(index=index, function=name, file=f"{name}.cpp", line=index, arguments="this=0x5555, slot=3")
        for index, name in enumerate(names)
    )
    other = Thread(id="2", name="net", frames=(Frame(index=0, function="Net::poll"),))
    crash = Crash(
        format="gdb_text",
        exception=CrashException(
            kind="access_violation", signal="SIGSEGV", address=0x1C, message="m" * case.name_length
        ),
        threads=(Thread(id="1", is_crashed=True, frames=frames), other),
        build=f"r{number}",
    )
    packs = knowledge.pattern_packs()
    compiled = PatternIndex(pattern for pack in packs for pattern in pack.patterns)
    known = reading.understand(crash, knowledge.stack_lists(), compiled)
    at = AT + timedelta(minutes=case.minutes)
    with database.transaction() as session:
        server = servers.ensure(session, case.server)
        dump = dumps.record(session, server, DumpFacts(path=f"/c/{number}", inode=number, size=1, captured_at=at), [])
        assert dump is not None
        sighting = Sighting(
            signature=known.signature.signature,
            shape=matching.shape(known.signature),
            keys=matching.keys(crash, known.signature),
            occurred_at=at,
            build=crash.build,
        )
        identifier = crashes.add(
            session,
            CrashFacts(
                server_id=server,
                dump_id=dump,
                capture=f"/c/{number}",
                report_hash=hashlib.sha256(str(number).encode()).hexdigest(),
                occurred_at=at,
                crash=crash,
                signature=known.signature,
                assessment=known.assessment,
                placement=defects.place(session, sighting, None),
                log_window=None,
            ),
        )
    assert identifier is not None
    return identifier


def collect(database: Database, crash_id: int) -> CrashReport:
    with database.transaction() as session:
        return stories.crash_report(session, crash_id, knowledge.stack_lists())


def test_a_report_tells_the_loop_the_similar_crashes_and_the_defects_near_it(database: Database) -> None:
    stored = [store(database, Case(minutes=minute), number) for number, minute in enumerate((0, 5, 9, 300))]
    elsewhere = store(database, Case(minutes=6, server="world-2"), 10)
    store(database, Case(stack=("Bag::take", "Quest::end", "Quest::tick", "main")), 11)
    report = collect(database, stored[1])
    assert report.related.loop is not None
    assert 3 == report.related.loop.count
    assert {*stored, elsewhere} - {stored[1]} == {other.crash_id for other in report.related.similar}
    assert ["only 1 of 3 names are shared, 60% both ways are needed"] == [
        near.why_apart for near in report.related.near
    ]
    assert None is collect(database, elsewhere).related.loop


def test_a_crash_placed_by_the_rule_shows_what_it_shares_and_what_not(database: Database) -> None:
    first = store(database, Case(stack=("Bag::take", "Shop::sell", "Mail::send", "Mail::open", "Mail::read")), 1)
    second = store(database, Case(stack=("Bag::take", "Shop::sell", "Guild::pay", "Mail::open", "Mail::read")), 2)
    placement = collect(database, second).placement
    assert ("matched", ("Guild::pay",), ("Mail::send",)) == (placement.how, placement.only_here, placement.only_there)
    text = crash_markdown.render(collect(database, second))
    assert "placement: the 60% rule with score 80%" in text
    assert f"see crash {first}" in text
    assert "2 (net): Net::poll" in crash_markdown.render(collect(database, first))


def test_the_reasons_of_the_judgement_are_stored(database: Database) -> None:
    notes = collect(database, store(database, Case(), 1)).crash.notes
    assert {"severity high", "category null pointer", "placement"} <= {note.partition(":")[0] for note in notes}


def test_a_crash_takes_at_most_8_kb(database: Database) -> None:
    large = Case(frames=30, name_length=120)
    store(database, large, 1)
    store(database, large, 2)
    with database.transaction() as session:
        sizes = session.execute(text("SELECT pg_column_size(crash.*) FROM crash")).scalars().all()
    assert all(size <= 8192 for size in sizes), sizes


@pytest.fixture
def command(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command line on the test's own database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRASHFLOW_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(cli.app, ["report", *words])


def test_the_command_prints_the_report_of_a_crash_of_a_defect_or_the_newest(database: Database, command: Any) -> None:
    older, newer = store(database, Case(minutes=-60), 1), store(database, Case(), 2)
    other = store(database, Case(stack=("Quest::end", "main"), minutes=9), 3)
    assert older == json.loads(command(str(older), "--json").stdout)["crash"]
    assert newer == json.loads(command("--defect", "1", "--json").stdout)["crash"]
    assert other == json.loads(command("--json").stdout)["crash"]
    assert command(str(older)).stdout.startswith("# Bag::take")


def test_the_command_writes_both_files_for_their_owner_only(database: Database, command: Any, tmp_path: Path) -> None:
    identifier = store(database, Case(), 1)
    assert 0 == command(str(identifier), "--output", "out/deep").exit_code
    names = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out/deep").iterdir()}
    assert {f"crash-{identifier}.md": 0o600, f"crash-{identifier}.json": 0o600} == names


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["99"], "no crash 99"),
        (["--defect", "99"], "no defect 99"),
        ([str(2**70)], "no crash"),
        ([], "no crash yet"),
        (["1", "--defect", "1"], "not both"),
    ],
)
def test_what_is_not_there_gets_one_sentence(command: Any, words: list[str], sentence: str) -> None:
    assert sentence in str(command(*words).exception)
