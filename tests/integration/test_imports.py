"""``crashflow import``: old reports and records become history at their own times, once, and start nothing."""

import json
import os
import shutil
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text as sql
from typer.testing import CliRunner

from db.session import Database
from db.settings import Settings
from deployments import cli
from tasks.clients import knowledge
from tasks.core.configuration import Configuration, ServerSettings
from tasks.core.errors import DumpError
from tasks.steps import import_sources, imports, ingest, triage
from tasks.steps.detection import detect
from tasks.steps.import_sources import Sources
from tasks.steps.imports import ImportResult
from tasks.steps.workspace import Workspace
from tests import crash_files

SERVER = ServerSettings.model_validate({"name": "s", "time_zone": "UTC"})
FUNCTIONS = ("Unit::Update", "Guild::Disband", "Pet::Add")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ROWS = {
    "crash": (
        "SELECT capture, report_hash, occurred_at, signature, placement, notes, format FROM crash"
        " ORDER BY capture, report_hash"
    ),
    "defect": (
        "SELECT id, signature, crash_count, first_seen, last_seen, first_build, last_build FROM defect ORDER BY id"
    ),
    "dump": "SELECT path, kind, state, error FROM dump ORDER BY path, id",
    "day": "SELECT day, sum(crashes) FROM crash_rollup_daily GROUP BY day ORDER BY day",
    "transition": "SELECT count(*) FROM transition",
}


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Workspace:
    settings = Settings(configuration=Configuration(server=(SERVER,)), state_folder=tmp_path / "state")
    return Workspace(settings=settings, database=database, lists=knowledge.stack_lists())


@pytest.fixture
def crashes(tmp_path: Path) -> Path:
    """A folder of reports of three defects, a day apart, with a dump beside some, and what else lies about."""
    folder = tmp_path / "Crashes"
    folder.mkdir()
    for number in range(12):
        path = folder / f"{stem(number)}.txt"
        path.write_bytes(report(number))
        os.utime(path, (1_800_000_000, 1_800_000_000))
        if number % 4 == 0:
            path.with_suffix(".dmp").write_bytes(dump(number))
    (folder / "notes.txt").write_text("nothing fell over\n")
    (folder / ".hidden").write_text("nothing\n")
    return folder


def stem(number: int) -> str:
    return f"0123456789ab+_worldserver.exe_[2025_10_{number + 1}_0_35_{number}]"


def report(number: int) -> bytes:
    told = crash_files.text(number, function=FUNCTIONS[number % 3], offset=offset(number))
    return told.replace(b"Date 31:10:2025", f"Date {number + 1}:10:2025".encode())


def dump(number: int) -> bytes:
    told, at = crash_files.minidump(number, offset=offset(number)), moment(number).timestamp()
    return told.replace(struct.pack("<I", crash_files.WRITTEN_AT), struct.pack("<I", int(at)))


def moment(number: int) -> datetime:
    return datetime(2025, 10, number + 1, 0, 35, number, tzinfo=UTC)


def offset(number: int) -> int:
    return 0x1000 * (1 + number % 3)


def record(number: int, function: str = "Bank::Withdraw", **changed: Any) -> dict[str, Any]:
    """A record of a crash of which the folder has no report, in November."""
    return {
        "crash_id": f"{number:012x}",
        "timestamp": f"2025-11-{number + 1:02}T10:00:00",
        "exception_code": "C0000005",
        "crash_location": "Bank.cpp:88",
        "crash_function": function,
        "call_stack": [f"{function} @ Bank.cpp:88", "Shop::Sell @ Shop.cpp:141", "main @ Main.cpp:30"],
        "file_path": f"M:\\Crashes\\relay_{2025}_11_{number + 1:02}_01_15_37.txt",
        **changed,
    }


def write_database(folder: Path, *records: Any) -> Path:
    path = folder / "crash_database.json"
    crashes = {str(number): each for number, each in enumerate(records)}
    path.write_text(json.dumps({"crashes": crashes, "patterns": {}, "fixes": {}}, indent=2))
    return path


def collect(*paths: Path) -> Sources:
    files = [each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    return import_sources.collect(paths, files)


def run(room: Workspace, *paths: Path) -> ImportResult:
    return imports.run(room, "s", collect(*paths), lambda _: None)


def rows(room: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    with room.database.transaction() as session:
        return {name: [tuple(row) for row in session.execute(sql(query))] for name, query in ROWS.items()}


def ask(room: Workspace, query: str) -> Any:
    with room.database.transaction() as session:
        return session.execute(sql(query)).scalar_one()


def figures(result: ImportResult) -> tuple[int, ...]:
    counts = result.defects
    assert counts is not None
    told = [figure for tally in (result.files, result.records) for figure in (tally.imported, tally.known)]
    return (*told, len(result.files.refused), len(result.records.refused), result.crashes, counts.new, counts.known)


def test_a_folder_becomes_crashes_at_their_own_times(room: Workspace, crashes: Path) -> None:
    result = run(room, crashes)

    assert (15, 0, 0, 0, 1, 0, 12, 3, 0) == figures(result)
    found = rows(room)
    assert [moment(number) for number in range(12)] == sorted(row[2] for row in found["crash"])
    assert [(signature, 4) for signature in FUNCTIONS] == [row[1:3] for row in found["defect"]]
    assert [moment(number) for number in range(3)] == [row[3] for row in found["defect"]]
    assert 12 == len(found["day"])


def test_it_starts_nothing(room: Workspace, crashes: Path) -> None:
    run(room, crashes, write_database(crashes.parent, record(0)))

    for table in ("fix", "analysis"):
        assert 0 == ask(room, f"SELECT count(*) FROM {table}")
    assert 0 == ask(
        room, "SELECT count(*) FROM dump WHERE state NOT IN ('PARSED', 'FAILED') OR lease_until IS NOT NULL"
    )
    assert [] == ingest.claim_in(room)


def test_new_rules_start_nothing_either_until_the_defect_crashes_again(room: Workspace, crashes: Path) -> None:
    run(room, crashes)
    with room.database.transaction() as session:
        ids = list(session.execute(sql("SELECT id FROM crash ORDER BY id")).scalars())
    assert {"skip"} == {decided.route for decided in triage.triage_in(room, ids)}
    assert {"human"} == {decided.route for decided in triage.triage_in(room, ids, is_asked=True)}

    with room.database.transaction() as session:
        query = (
            "UPDATE transition SET reason = 'file found' WHERE reason = 'imported'"
            " AND entity_id = (SELECT dump_id FROM crash WHERE id = :id)"
        )
        session.execute(sql(query), {"id": ids[-1]})
    assert ["human", "skip", "skip"] == sorted(decided.route for decided in triage.triage_in(room, ids))


def test_what_is_refused_is_named_and_kept(room: Workspace, crashes: Path) -> None:
    (refusal,) = run(room, crashes).files.refused

    assert str(crashes / "notes.txt") == refusal.path
    assert "no stack" in refusal.reason
    assert "FAILED" == ask(room, "SELECT state FROM dump WHERE path LIKE '%notes.txt'")


def test_doing_it_twice_changes_nothing(room: Workspace, crashes: Path) -> None:
    database = write_database(crashes.parent, record(0), record(1), 17)
    run(room, crashes, database)
    before = rows(room)

    result = run(room, crashes, database)

    assert (0, 15, 0, 2, 1, 1, 0, 0, 0) == figures(result)
    assert before == rows(room)


def test_a_copy_of_the_folder_is_known(room: Workspace, crashes: Path, tmp_path: Path) -> None:
    run(room, crashes)
    before = rows(room)["crash"]
    shutil.copytree(crashes, tmp_path / "copy")

    assert (0, 15) == figures(run(room, tmp_path / "copy"))[:2]
    assert before == rows(room)["crash"]


def test_equal_backtraces_of_other_names_are_crashes_of_their_own(room: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    for day in (1, 2, 3):
        path = folder / f"backtrace_{day}.log"
        path.write_text(
            "Program terminated with signal SIGSEGV, Segmentation fault.\n"
            "#0  0x000055d0c8a1b2c4 in Bank::Close () at b.cpp:8\n"
        )
        os.utime(path, (1_700_000_000 + 86400 * day,) * 2)

    assert (3, 0, 0, 0, 0, 0, 3, 1, 0) == figures(run(room, folder))
    assert 3 == len(rows(room)["day"])


def test_a_database_that_grew_brings_what_is_new(room: Workspace, tmp_path: Path) -> None:
    run(room, write_database(tmp_path, record(0)))

    assert (0, 0, 1, 1, 0, 0, 1, 0, 1) == figures(run(room, write_database(tmp_path, record(0), record(1))))
    assert [(datetime(2025, 11, 1, 1, 15, 37, tzinfo=UTC), datetime(2025, 11, 2, 1, 15, 37, tzinfo=UTC))] == [
        row[3:5] for row in rows(room)["defect"]
    ]


def test_records_say_whence_they_are(room: Workspace, tmp_path: Path) -> None:
    run(room, write_database(tmp_path, record(0, severity="LOW")))

    ((*_, notes, kind),) = rows(room)["crash"]
    assert "crash_database_json" == kind
    assert "Imported from the old database, where it is 000000000000 (LOW)." == notes[0]


@pytest.mark.parametrize("is_folder_first", [True, False])
def test_a_record_and_its_report_are_one_crash(room: Workspace, crashes: Path, is_folder_first: bool) -> None:
    of_report = record(0, function=FUNCTIONS[0], file_path=f"M:\\old\\{stem(0)}.txt")
    database = write_database(crashes.parent, of_report)
    order = (crashes, database) if is_folder_first else (database, crashes)
    first, second = run(room, order[0]), run(room, order[1])

    assert 12 == first.crashes + second.crashes
    assert 12 == len(rows(room)["crash"])
    assert 12 == sum(row[2] for row in rows(room)["defect"])
    assert 12 == ask(room, "SELECT sum(crashes) FROM crash_rollup_daily")
    assert str(crashes / "0123456789ab_worldserver.exe_2025-10-1-0-35-0") == rows(room)["crash"][0][0]


def test_a_record_gives_a_dump_the_stack_that_it_lacks(room: Workspace, tmp_path: Path) -> None:
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    (dumps / f"{stem(0)}.dmp").write_bytes(dump(0))
    database = write_database(tmp_path, record(0, file_path=f"M:\\old\\{stem(0)}.txt"))
    rehearsed = imports.rehearse(room, "s", collect(dumps, database), lambda _: None)

    result = run(room, dumps, database)

    assert (1, 0, 1, 0, 0, 0, 1, 1, 0) == figures(rehearsed) == figures(result)
    assert [("Bank::Withdraw", moment(0))] == [(row[3], row[2]) for row in rows(room)["crash"]]
    assert (0, 1, 0, 1) == figures(run(room, dumps, database))[:4]


def test_older_crashes_of_a_known_defect_change_when_it_was_first_seen(room: Workspace, crashes: Path) -> None:
    late = crashes.parent / "late.txt"
    late.write_bytes(report(0).replace(b"Date 1:10:2025", b"Date 5:11:2025").replace(b"0123456789ab", b"ba9876543210"))
    detect(room.database, SERVER, late)
    ingest.place_in(room, [ingest.read_in(room, dump) for dump in ingest.claim_in(room)])

    counts = run(room, crashes).defects

    assert counts is not None
    assert (2, 1) == (counts.new, counts.known)
    _, signature, count, first_seen, last_seen, first_build, last_build = rows(room)["defect"][0]
    assert (FUNCTIONS[0], 5, "0123456789ab+", "ba9876543210+") == (signature, count, first_build, last_build)
    assert (datetime(2025, 10, 1, 0, 35, tzinfo=UTC), datetime(2025, 11, 5, 0, 35, tzinfo=UTC)) == (
        first_seen,
        last_seen,
    )


def test_a_cut_database_imports_nothing(room: Workspace, crashes: Path) -> None:
    database = write_database(crashes.parent, record(0), record(1))
    database.write_bytes(database.read_bytes()[:-90])

    with pytest.raises(
        DumpError, match=r"^crash_database.json is not imported, and nothing else is\. The file ends in"
    ):
        run(room, crashes, database)
    assert [] == rows(room)["dump"]


def test_a_cut_database_in_a_folder_stops_no_report(room: Workspace, crashes: Path) -> None:
    database = write_database(crashes, record(0))
    database.write_bytes(database.read_bytes()[:-90])

    result = run(room, crashes)

    assert (15, 12) == (result.files.imported, result.crashes)
    assert str(database) in {refusal.path for refusal in result.files.refused}


def test_what_the_old_debugger_said_is_no_crash_of_its_own(room: Workspace, crashes: Path) -> None:
    (crashes / f"{stem(1)}.cdb_analysis.txt").write_text("ExceptionCode: c0000005 (Access violation)\n")

    result = run(room, crashes)

    assert 12 == result.crashes
    assert "it is what a debugger said of the report of the same name, which is read instead." in {
        refusal.reason for refusal in result.files.refused
    }


@pytest.mark.parametrize("table", ["dump", "crash", "defect", "transition"])
def test_a_killed_import_is_done_by_the_next_one(room: Workspace, crashes: Path, table: str) -> None:
    with room.database.transaction() as session:
        session.execute(
            sql("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$")
        )
        session.execute(sql(f"CREATE TRIGGER die AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION die()"))
    with pytest.raises(Exception, match="killed"):
        run(room, crashes)
    with room.database.transaction() as session:
        session.execute(sql(f"DROP TRIGGER die ON {table}"))
    assert [] == rows(room)["dump"]

    assert (15, 0, 0, 0, 1, 0, 12, 3, 0) == figures(run(room, crashes))


def test_a_rehearsal_says_the_same_and_stores_nothing(room: Workspace, crashes: Path) -> None:
    database = write_database(crashes.parent, record(0), record(1), record(2, file_path=f"X:\\{stem(0)}.txt"))
    before = rows(room)

    rehearsed = imports.rehearse(room, "s", collect(crashes, database), lambda _: None)

    assert before == rows(room)
    assert 0 == ask(room, "SELECT count(*) FROM server")
    assert figures(rehearsed) == figures(run(room, crashes, database))
    again = imports.rehearse(room, "s", collect(crashes, database), lambda _: None)
    assert (0, 15, 0, 3, 1, 0, 0, 0, 0) == figures(again)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database) -> Path:
    """A folder in which the command line finds this test's database and the example of the README."""
    monkeypatch.setenv("CRASHFLOW_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CRASHFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["import", *arguments])


def test_the_example_of_the_readme_is_true(site: Path) -> None:
    _, _, section = README.partition("## Take over an earlier history")
    given, shown = [fence.partition("\n")[2].strip("\n") for fence in section.split("```")[1:4:2]]
    (site / "crash_database.json").write_text(given)

    result = command("crash_database.json")

    assert 0 == result.exit_code
    assert [line.rstrip() for line in shown.splitlines()] == [line.rstrip() for line in result.stdout.splitlines()]


def test_the_json_names_what_is_refused(site: Path) -> None:
    write_database(site, record(0), 17)

    result = command("crash_database.json", "--json")

    told = json.loads(result.stdout)
    assert (1, 1, 1) == (result.exit_code, told["records"]["imported"], told["crashes"])
    assert [{"path": "crash_database.json: crashes.1", "reason": "it is a number, not a crash record"}] == told[
        "records"
    ]["refused"]


def test_a_path_that_is_not_there_is_refused(site: Path) -> None:
    result = command("nowhere")
    assert "There is no nowhere." in str(result.exception)
