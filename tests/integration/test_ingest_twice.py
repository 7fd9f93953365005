"""An ingest that is run twice, killed at each of its steps, or run by two processes at once, leaves the same rows."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from db.session import Database
from db.settings import Settings
from tasks.clients import knowledge
from tasks.core.configuration import Configuration, ServerSettings
from tasks.steps import ingest, readers, triage
from tasks.steps.detection import detect
from tasks.steps.workspace import Workspace
from tests import crash_files

SERVER = ServerSettings(name="s")
FUNCTIONS = ("Unit::Update", "Guild::Disband", "WorldSession::Update", "Spell::cast", "Map::Add")

CONTENT = {
    "crashes": (
        "SELECT capture, report_hash, crash.signature, fingerprint, crash.in_app, thread::text, other_threads,"
        " log_window::text, placement, placement_score, notes, severity, defect.signature AS defect, path"
        " FROM crash LEFT JOIN defect ON defect.id = defect_id JOIN dump ON dump.id = dump_id"
        " ORDER BY path, report_hash"
    ),
    "defects": (
        "SELECT defect.signature, defect.location, crash_count, first_seen, last_seen, first_build, last_build,"
        " exemplar.capture, slug FROM defect JOIN crash AS exemplar ON exemplar.id = exemplar_id"
        " LEFT JOIN pattern ON pattern.id = pattern_id ORDER BY defect.signature"
    ),
    "keys": "SELECT kind, value, signature FROM defect_key JOIN defect ON id = defect_id ORDER BY kind, value",
    "dumps": "SELECT path, kind, sha256, state, error, lease_until FROM dump ORDER BY path",
    "files": (
        "SELECT capture, path FROM crash_dump JOIN crash ON crash.id = crash_id"
        " JOIN dump ON dump.id = crash_dump.dump_id ORDER BY path, report_hash"
    ),
    "matches": (
        "SELECT capture, score, match.location, matched::text FROM match JOIN crash ON crash.id = crash_id"
        " ORDER BY capture"
    ),
    "fixes": "SELECT signature, fix.route, fix.state FROM fix JOIN defect ON defect.id = defect_id ORDER BY signature",
}
TABLES = ("crash", "crash_dump", "defect", "defect_key", "transition", "dump")


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Workspace:
    return workspace(database, tmp_path)


def workspace(database: Database, folder: Path) -> Workspace:
    settings = Settings(configuration=Configuration(server=(SERVER,)), state_folder=folder / "state")
    return Workspace(settings=settings, database=database, lists=knowledge.stack_lists())


def record_storm(room: Workspace, folder: Path, count: int = 40) -> None:
    """Record reports of five defects, some with a dump beside them, one that is none, and one of two crashes."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        report = crash_files.text(number, function=FUNCTIONS[number % len(FUNCTIONS)], offset=offset(number))
        path = folder / f"{crash_files.stem(number)}.txt"
        path.write_bytes(
            report if number % 11 else report + crash_files.text(number + 1000, function="Pet::Update", offset=0x9000)
        )
        detect(room.database, SERVER, path)
        if number % 7 == 0:
            detect(room.database, SERVER, write(folder, number))
    nothing = folder / "empty.txt"
    nothing.write_bytes(b" \n")
    detect(room.database, SERVER, nothing)


def write(folder: Path, number: int) -> Path:
    path = folder / f"{crash_files.stem(number)}.dmp"
    path.write_bytes(crash_files.minidump(number, offset=offset(number)))
    return path


def offset(number: int) -> int:
    """Where in the program a crash is: each defect at its own place."""
    return 0x1000 * (1 + number % len(FUNCTIONS))


def run_to_the_end(room: Workspace) -> None:
    while claimed := ingest.claim_in(room):
        triage.triage_in(room, ingest.place_in(room, [ingest.read_in(room, dump) for dump in claimed]))


def content(room: Workspace) -> dict[str, list[dict[str, Any]]]:
    with room.database.transaction() as session:
        return {name: [dict(row) for row in session.execute(sql(query)).mappings()] for name, query in CONTENT.items()}


def expire_leases(room: Workspace) -> None:
    """Do what ten minutes do."""
    execute(room, "UPDATE dump SET lease_until = now() - interval '1 second' WHERE state = 'PARSING'")


def execute(room: Workspace, *statements: str) -> None:
    with room.database.transaction() as session:
        for statement in statements:
            session.execute(sql(statement))


@pytest.fixture
def expected(room: Workspace, tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of one undisturbed run."""
    record_storm(room, tmp_path / "crashes")
    run_to_the_end(room)
    return content(room)


@pytest.fixture
def again(room: Workspace, expected: object) -> Workspace:
    """The same dumps, recorded and unread."""
    execute(
        room,
        "DELETE FROM crash",
        "DELETE FROM defect",
        "DELETE FROM transition",
        "UPDATE dump SET state = 'CRASH_DETECTED', kind = NULL, sha256 = NULL, error = NULL, attempts = 0",
    )
    return room


def test_a_storm_has_a_row_for_each_crash_and_one_defect_for_each_bug(
    expected: dict[str, list[dict[str, Any]]],
) -> None:
    assert 40 + 4 == len(expected["crashes"])
    assert {*FUNCTIONS, "Pet::Update"} == {row["location"] for row in expected["defects"]}
    assert 44 == sum(row["crash_count"] for row in expected["defects"])
    assert {"PARSED": 46, "FAILED": 1} == {
        state: sum(row["state"] == state for row in expected["dumps"]) for state in ("PARSED", "FAILED")
    }


def test_a_second_run_changes_nothing(room: Workspace, expected: object) -> None:
    run_to_the_end(room)

    assert expected == content(room)


def test_a_run_that_was_killed_after_it_claimed_is_made_good(again: Workspace, expected: object) -> None:
    ingest.claim_in(again)
    expire_leases(again)
    run_to_the_end(again)

    assert expected == content(again)


@pytest.mark.parametrize("table", TABLES)
def test_a_run_that_was_killed_while_it_wrote_is_made_good(again: Workspace, expected: object, table: str) -> None:
    claimed = ingest.claim_in(again)
    execute(
        again,
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$",
        f"CREATE TRIGGER die BEFORE INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION die()",
    )
    with pytest.raises(Exception, match="killed"):
        ingest.place_in(again, [ingest.read_in(again, dump) for dump in claimed])
    execute(again, f"DROP TRIGGER die ON {table}")
    assert [] == content(again)["crashes"]
    expire_leases(again)
    run_to_the_end(again)

    assert expected == content(again)


def test_a_run_that_was_killed_before_triage_is_made_good(again: Workspace, expected: object) -> None:
    while claimed := ingest.claim_in(again):
        ingest.place_in(again, [ingest.read_in(again, dump) for dump in claimed])
    run_to_the_end(again)

    assert expected == content(again)


def test_a_run_that_outlives_its_lease_stores_nothing_twice(again: Workspace, expected: object) -> None:
    slow = [ingest.read_in(again, dump) for dump in ingest.claim_in(again)]
    expire_leases(again)
    run_to_the_end(again)

    assert [] == ingest.place_in(again, slow)
    assert expected == content(again)


def test_two_at_once_learn_each_defect_once(again: Workspace, expected: dict[str, list[dict[str, Any]]]) -> None:
    """Which of them is first is chance, and with it which crash is the exemplar: all else is the same."""
    read = [ingest.read_in(again, dump) for dump in ingest.claim_in(again)]
    captures = sorted({each.dump.capture for each in read})
    shares = [[each for each in read if captures.index(each.dump.capture) % 4 == share] for share in range(4)]
    threads = [threading.Thread(target=ingest.place_in, args=(again, share)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = content(again)
    assert without(expected["defects"], "capture") == without(found["defects"], "capture")
    assert expected["keys"] == found["keys"]
    chance = ("notes", "placement", "placement_score", "other_threads", "log_window")
    assert without(expected["crashes"], *chance) == without(found["crashes"], *chance)
    assert without(expected["dumps"], "lease_until") == without(found["dumps"], "lease_until")


def test_readers_of_their_own_tell_what_this_process_tells(again: Workspace, expected: object) -> None:
    with readers.opened(again) as desk:
        batch = desk.begin(ingest.claim_in(again), many=1)
        triage.triage_in(again, ingest.place_in(again, desk.end(batch)))

    assert expected == content(again)


def without(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]
