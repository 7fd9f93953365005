"""What a person finds of a crash that left two files: one crash, with what both tell, in whatever order they came."""

import itertools
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from db.session import Database
from db.settings import Settings
from tasks.clients import knowledge
from tasks.core.configuration import Configuration, ServerSettings
from tasks.steps import ingest
from tasks.steps.detection import detect
from tasks.steps.workspace import Workspace
from tests import crash_files as captures

SERVER = ServerSettings(name="s")
STEM = captures.stem(1)


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Workspace:
    settings = Settings(configuration=Configuration(server=(SERVER,)), state_folder=tmp_path / "state")
    return Workspace(settings=settings, database=database, lists=knowledge.stack_lists())


def read_all(room: Workspace) -> list[int]:
    """Read what waits as the flow does, in chunks."""
    stored = []
    while claimed := ingest.claim_in(room):
        stored += ingest.place_in(room, [ingest.read_in(room, dump) for dump in claimed])
    return stored


def rows(room: Workspace, query: str) -> list[dict[str, Any]]:
    with room.database.transaction() as session:
        return [dict(row) for row in session.execute(sql(query)).mappings()]


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


COLUMNS = (
    "SELECT signature, fingerprint, kind, code, access, fault_address, message, build, category, occurred_at,"
    " placement, location_function, format, jsonb_array_length(thread -> 'frames') AS frames FROM crash"
)


@pytest.mark.parametrize("is_one_run", [True, False], ids=["one run", "two runs"])
@pytest.mark.parametrize("order", list(itertools.permutations(["dmp", "txt"])), ids=" then ".join)
def test_dump_and_text_are_one_crash_that_knows_what_both_tell(
    room: Workspace, tmp_path: Path, order: tuple[str, str], is_one_run: bool
) -> None:
    content = {"dmp": captures.minidump(1), "txt": captures.text(1)}
    for suffix in order:
        detect(room.database, SERVER, write(tmp_path, f"{STEM}.{suffix}", content[suffix]))
        if not is_one_run:
            read_all(room)
    read_all(room)

    (crash,) = rows(room, COLUMNS)
    told = (crash["location_function"], crash["frames"], crash["access"], crash["fault_address"], crash["category"])
    assert ("Unit::Update", 4, "write", "0x1c", "null pointer") == told
    assert ("0123456789ab+", "wheaty") == (crash["build"], crash["format"])
    assert captures.WRITTEN_AT == crash["occurred_at"].timestamp()
    assert [1] == [row["crash_count"] for row in rows(room, "SELECT crash_count FROM defect WHERE merged_into IS NULL")]
    assert 2 == len(rows(room, "SELECT * FROM crash_dump"))
    assert {"PARSED"} == {row["state"] for row in rows(room, "SELECT state FROM dump")}


def test_a_dump_alone_is_placed_by_module_and_offset_of_its_build(room: Workspace, tmp_path: Path) -> None:
    for number in (1, 2):
        detect(room.database, SERVER, write(tmp_path, f"{captures.stem(number)}.dmp", captures.minidump(number)))
    read_all(room)

    assert [(1, "learned"), (1, "matched")] == [
        (crash["frames"], crash["placement"]) for crash in rows(room, COLUMNS + " ORDER BY id")
    ]
    assert [2] == [row["crash_count"] for row in rows(room, "SELECT crash_count FROM defect")]


def test_dumps_that_met_their_texts_lead_later_dumps_to_the_same_defect(room: Workspace, tmp_path: Path) -> None:
    captures.write_pair(tmp_path, 1)
    for path in sorted(tmp_path.glob("*.*")):
        detect(room.database, SERVER, path)
    read_all(room)
    detect(room.database, SERVER, write(tmp_path, f"{captures.stem(2)}.dmp", captures.minidump(2)))
    read_all(room)

    assert 1 == len({row["defect_id"] for row in rows(room, "SELECT defect_id FROM crash")})


def test_two_runs_that_have_one_file_each_store_one_crash(room: Workspace, tmp_path: Path) -> None:
    for number in range(1, 21):
        captures.write_pair(tmp_path, number)
    for suffix in ("dmp", "txt"):
        for path in sorted(tmp_path.glob(f"*.{suffix}")):
            detect(room.database, SERVER, path)
    claimed = ingest.claim_in(room)
    read = [ingest.read_in(room, dump) for dump in claimed]
    halves = [[one for one in read if one.dump.path.endswith(suffix)] for suffix in ("dmp", "txt")]
    threads = [threading.Thread(target=ingest.place_in, args=(room, half)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = rows(room, COLUMNS)
    assert [("wheaty", "0x1c")] * 20 == [(crash["format"], crash["fault_address"]) for crash in found]
    assert [20] == [r["crash_count"] for r in rows(room, "SELECT crash_count FROM defect WHERE merged_into IS NULL")]


def test_a_file_that_has_grown_is_the_same_crash_and_one_that_was_overwritten_another(
    room: Workspace, tmp_path: Path
) -> None:
    whole = captures.text(1)
    path = write(tmp_path, "crash.txt", whole[: len(whole) // 2])
    detect(room.database, SERVER, path)
    read_all(room)
    path.write_bytes(whole)
    detect(room.database, SERVER, path)
    read_all(room)
    assert [4] == [crash["frames"] for crash in rows(room, COLUMNS)]

    path.write_bytes(captures.text(2, function="Guild::Disband") + b" " * len(whole))
    detect(room.database, SERVER, path)
    read_all(room)

    assert {"Unit::Update", "Guild::Disband"} == {crash["location_function"] for crash in rows(room, COLUMNS)}


def test_a_second_crash_that_was_appended_to_the_report_is_a_second_crash(room: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, f"{STEM}.txt", captures.text(1))
    detect(room.database, SERVER, path)
    read_all(room)
    with path.open("ab") as stream:
        stream.write(captures.text(2, function="Guild::Disband"))
    detect(room.database, SERVER, path)
    read_all(room)

    assert ["Guild::Disband", "Unit::Update"] == sorted(crash["location_function"] for crash in rows(room, COLUMNS))


def test_the_text_of_an_assertion_comes_from_the_dump_where_the_report_lost_it(room: Workspace, tmp_path: Path) -> None:
    said = b"C:\\src\\Map.cpp:77 in Map::Add ASSERTION FAILED:\n  player != nullptr\n"
    dump = captures.minidump(1, code=0xC0000420, comment=said)
    cut = captures.text(1, function="Map::Add", code="C0000420 x")
    for name, content in ((f"{STEM}.dmp", dump), (f"{STEM}.txt", cut)):
        detect(room.database, SERVER, write(tmp_path, name, content))
    read_all(room)

    (crash,) = rows(room, COLUMNS)
    assert ("assertion", "player != nullptr", "Map::Add") == (
        crash["kind"],
        crash["message"],
        crash["location_function"],
    )


@pytest.mark.parametrize("apart_s", [60, 7200])
def test_names_without_a_time_are_joined_only_within_the_hour(room: Workspace, tmp_path: Path, apart_s: int) -> None:
    dump, text = write(tmp_path, "crash.dmp", captures.minidump(1)), write(tmp_path, "crash.txt", captures.text(1))
    os.utime(text, (captures.WRITTEN_AT, captures.WRITTEN_AT))
    os.utime(dump, (captures.WRITTEN_AT + apart_s, captures.WRITTEN_AT + apart_s))
    for path in (text, dump):
        detect(room.database, SERVER, path)
    read_all(room)

    assert (1 if apart_s == 60 else 2) == len(rows(room, COLUMNS))


def test_a_dump_that_cant_be_read_fails_alone(room: Workspace, tmp_path: Path) -> None:
    detect(room.database, SERVER, write(tmp_path, f"{STEM}.dmp", b"MDMP" + bytes(8)))
    detect(room.database, SERVER, write(tmp_path, f"{STEM}.txt", captures.text(1)))
    gone = write(tmp_path, "gone.dmp", captures.minidump(3))
    detect(room.database, SERVER, gone)
    gone.unlink()
    read_all(room)

    assert 1 == len(rows(room, COLUMNS))
    errors = [row["error"] for row in rows(room, "SELECT error FROM dump WHERE state = 'FAILED' ORDER BY id")]
    assert ["The minidump is cut: it ends at byte 12, within its header.", "gone.dmp can't be read: "] == [
        errors[0],
        errors[1][:24],
    ]
