"""Facts about the crash_database.json of the scripts that crashflow replaces: its shapes, its records, its damage."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.core import crash_database
from tasks.core.crash import Crash, CrashException
from tasks.core.crash_database import CrashDatabase, RefusedRecord
from tasks.core.errors import DumpError, UnrecognisedError

# ruff: noqa: DTZ001 (servers state no time zone)

REPORT = "D:\\relay\\Crashes\\0a1b2c3d4e5f+_relayserver.exe_[2025_3_4_5_6_7].txt"
FAULT = "00007FF6A1201000"
HEAD = f"""\
Revision: TrinityCore rev. 0a1b2c3d4e5f+ 2025-03-01 12:00:00 +0000 (master branch) (Win64, Release, Static)
Date 4:3:2025. Time 5:6
//=====================================================
Exception code: C0000005 ACCESS_VIOLATION
Fault address:  {FAULT} 01:0000000000201000 D:\\relay\\relayserver.exe

"""
OTHER_THREAD = """\
Call stack:
Address   Frame     Function      SourceFile
00007FF6A1300000  000000A1C0FF0000  Relay::Wait+1A  D:\\relay\\src\\Relay.cpp line 7
"""
OWN_THREAD = f"""\
Call stack:
Address   Frame     Function      SourceFile
{FAULT}  000000A1C0FF1000  Ledger::Account::~Account+1A  D:\\relay\\src\\Account.cpp line 40
00007FF6A1201100  000000A1C0FF1100  Ledger::Account::`scalar deleting destructor'+14
00007FF6A1201200  000000A1C0FF1200  Ledger::Book::Close+1C  D:\\relay\\src\\Book.cpp line 12

"""


def record(**changed: Any) -> dict[str, Any]:
    """A record as the scripts wrote it; a field of None is left out."""
    value = {
        "crash_id": "0123456789ab",
        "timestamp": "2025-03-04T05:09:30.250000",
        "exception_code": "C0000005",
        "exception_address": FAULT,
        "crash_location": "Account.cpp:40",
        "crash_function": "Ledger::Account",
        "error_message": "ACCESS_VIOLATION",
        "call_stack": ["Shop::Sell @ Shop.cpp:141", "main @ Main.cpp:30"],
        "file_path": REPORT,
        **changed,
    }
    return {name: field for name, field in value.items() if field is not None}


def read(value: Any) -> CrashDatabase:
    return crash_database.read(json.dumps(value).encode())


def crash(**changed: Any) -> Crash:
    (found,) = read({"crashes": {"0123456789ab": record(**changed)}}).records
    return found.crash


def functions(**changed: Any) -> list[str | None]:
    return [frame.function for frame in crash(**changed).frames]


@pytest.mark.parametrize(
    "value",
    [
        {"crashes": {"0123456789ab": record()}, "patterns": {}, "fixes": {}},
        {"crashes": {"0123456789ab": record(crash_id=None)}},
        {"crashes": [record()]},
        {"crashes": {"0123456789ab": [record()]}},
        {"0123456789ab": record()},
        [record()],
        record(),
        {"request_id": "ab", "status": "pending", "crash": record(), "context": {"errors_before_crash": []}},
    ],
    ids=["as written", "id as key", "list", "list below an id", "no frame", "bare list", "one record", "a request"],
)
def test_a_record_is_found_in_whatever_stands_around_it(value: Any) -> None:
    (found,) = read(value).records
    assert ("Shop::Sell", "main") == tuple(frame.function for frame in found.crash.frames)
    assert REPORT == found.path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_is_read_in_the_encodings_that_windows_writes(encoding: str) -> None:
    value = {"crashes": {"a": record(call_stack=["Händler::Verkauf @ Händler.cpp:9"])}}
    content = json.dumps(value, ensure_ascii=False).encode(encoding)
    (found,) = crash_database.read(content).records
    assert "Händler::Verkauf" == found.crash.frames[0].function


def test_half_of_a_character_is_replaced() -> None:
    (found,) = crash_database.read(b'{"crash_id": "a", "call_stack": ["Shop::Sell\\ud83d @ Shop.cpp:1"]}').records
    assert "Shop::Sell?" == found.crash.frames[0].function


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_one_that_was_cut_off_is_refused_as_a_whole(share: float) -> None:
    content = json.dumps({"crashes": {str(number): record() for number in range(9)}}, indent=2).encode()
    with pytest.raises(
        DumpError, match=r"^The file ends in the middle \(line \d+, column \d+\): it was cut off\. Give"
    ):
        crash_database.read(content[: int(len(content) * share)])


def test_one_that_is_damaged_is_refused_with_the_place() -> None:
    with pytest.raises(DumpError, match=r"damaged at line 1, column 18"):
        crash_database.read(b'{"crashes": {"a" "b"}, "patterns": {}}')


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"crashes": {"a": 1' + b"0" * 5000 + b"}}"])
def test_json_without_end_is_refused(content: bytes) -> None:
    with pytest.raises(DumpError):
        crash_database.read(content)


@pytest.mark.parametrize(
    "content", [b"", b"#0 main () at a.cpp:1", b"{}", b'{"stacktrace": [{"frames": []}]}', b"[1, 2]"]
)
def test_other_files_are_none(content: bytes) -> None:
    with pytest.raises(UnrecognisedError):
        crash_database.read(content)


def test_an_empty_one_is_one() -> None:
    assert CrashDatabase() == read({"crashes": {}, "patterns": {}, "fixes": {}})


def test_entries_that_are_no_records_are_named_and_stop_no_other() -> None:
    found = read({"crashes": {"a": 17, "b": record(), "c": {"crash_id": "c"}, "d": None}, "patterns": {"p": {}}})
    assert 1 == len(found.records)
    assert (
        RefusedRecord(place="crashes.a", reason="it is a number, not a crash record"),
        RefusedRecord(place="crashes.c", reason="it tells neither a stack nor a place nor an exception"),
        RefusedRecord(place="crashes.d", reason="it is null, not a crash record"),
    ) == found.refused
    assert 1 == len(found.remarks)


def test_of_two_ids_of_one_report_the_better_stack_is_kept() -> None:
    worse = record(crash_id="a", call_stack=["Address   Frame     Function      SourceFile"])
    moved = record(crash_id="c", file_path=REPORT.replace("D:\\relay", "/srv").replace("\\", "/"))
    found = read({"crashes": {"a": worse, "b": record(), "c": moved}})
    assert ["crashes.b"] == [each.place for each in found.records]
    assert ("crashes.a", "crashes.c") == found.again


def test_records_of_a_name_that_is_used_again_and_again_are_of_several_crashes() -> None:
    found = read([record(file_path="crash.txt"), record(file_path="crash.txt", timestamp="2025-03-05T01:00:00")])
    assert ["crash.txt#0123456789ab@2025-03-04T05:09:30.250000", "crash.txt#0123456789ab@2025-03-05T01:00:00"] == [
        each.path for each in found.records
    ]


def test_the_beginning_of_the_report_tells_stack_build_and_time() -> None:
    found = crash(raw_dump=HEAD + OWN_THREAD, exception_code="UNKNOWN")
    assert ["Ledger::Account::~Account", "Ledger::Account::`scalar deleting destructor'", "Ledger::Book::Close"] == [
        frame.function for frame in found.frames
    ]
    assert ("0a1b2c3d4e5f+", "C0000005", datetime(2025, 3, 4, 5, 6, 7)) == (
        found.build,
        found.exception.code,
        found.occurred_at,
    )


def test_a_beginning_without_the_thread_of_the_fault_gives_no_stack() -> None:
    assert ["Shop::Sell", "main"] == functions(raw_dump=HEAD + OTHER_THREAD)


def test_the_line_in_which_the_report_is_cut_is_no_frame() -> None:
    rows = (HEAD + OWN_THREAD.rstrip() + "\n" + "00007FF6A1201300  000000A1C0FF1300  Relay::Run+1D\n" * 100)[:5000]
    found = crash(raw_dump=rows)
    assert {"Relay::Run"} == {frame.function for frame in found.frames[3:]}
    assert not found.is_complete


def test_the_stack_of_the_debugger_is_better_than_the_list() -> None:
    row = "000000a1`c0ff{0:02x}00 00007ff6`a120{0:02x}00     : 00000000`00000001 00000000`00000002 00000000`00000003 "
    names = ("Ledger::Account::~Account+0x1a", "Ledger::Book::Close+0x1c", "Relay::Run+0x9")
    rows = [f"{row.format(i)}00000000`00000004 : relayserver!{name}" for i, name in enumerate(names)]
    listed = ["Account", "Ledger::Book::Close @ Book.cpp:12", "Relay::Run @ Relay.cpp:5", "main @ Main.cpp:3"]
    assert ["Ledger::Account::~Account", "Ledger::Book::Close", "Relay::Run"] == functions(
        call_stack=listed, dmp_analysis={"call_stack_detailed": rows}
    )


def test_remains_of_names_are_left_out_and_destructors_completed() -> None:
    listed = [
        "> >::end",
        "Ledger::Book::Close @ Book.cpp:12",
        "Account",
        "00007FF6A1201100  000000A1C0FF1100  Ledger::Account::`scalar deleting destructor'",
        "Owner",
        ">,0,1>",
        "WaitForSingleObject",
    ]
    assert [
        "Ledger::Book::Close",
        "Ledger::Account::~Account",
        "Ledger::Account::`scalar deleting destructor'",
        "Ledger::Owner::~Owner",
        "WaitForSingleObject",
    ] == functions(call_stack=listed)
    assert "The stack is the list of the old scripts, whose names are cut; 2 of its lines are remains" in " ".join(
        crash(call_stack=listed).notes
    )


@pytest.mark.parametrize(
    "entry",
    [
        "Shop::Sell @ Shop.cpp:141",
        " 2. Shop::Sell (Shop.cpp:141)",
        "#2  0x000055d0c8a1c010 in Shop::Sell at Shop.cpp:141",
        "relay!Shop::Sell+0x1f [Shop.cpp @ 141]",
        {"function": "Shop::Sell", "file": "Shop.cpp", "line": 141},
        {"name": "Shop::Sell", "source_file": "Shop.cpp", "line": "141"},
    ],
)
def test_a_frame_is_read_in_each_of_its_spellings(entry: Any) -> None:
    (frame,) = crash(call_stack=[entry, 7, None]).frames
    assert ("Shop::Sell", "Shop.cpp", 141) == (frame.function, frame.file, frame.line)


def test_without_a_stack_the_stated_place_is_its_frame() -> None:
    (frame,) = crash(call_stack=[]).frames
    assert ("Ledger::Account", "Account.cpp", 40) == (frame.function, frame.file, frame.line)
    assert () == crash(call_stack=[], crash_location="Unknown", crash_function="Unknown").frames


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({}, datetime(2025, 3, 4, 5, 6, 7)),
        ({"file_path": "relayserver.exe_[4-3_5-6-7].txt"}, datetime(2025, 3, 4, 5, 6, 7)),
        ({"file_path": None}, datetime(2025, 3, 4, 5, 9, 30, 250000)),
        ({"file_path": None, "timestamp": 1_741_064_770}, datetime(2025, 3, 4, 5, 6, 10, tzinfo=UTC)),
        ({"file_path": None, "timestamp": "yesterday"}, None),
        ({"file_path": None, "timestamp": None}, None),
    ],
    ids=["name", "name without year", "analysis", "seconds", "no time", "none"],
)
def test_the_time_is_that_of_the_crash_as_far_as_the_record_knows_it(
    changed: dict[str, Any], at: datetime | None
) -> None:
    assert at == crash(**changed).occurred_at


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("C0000005", "ACCESS_VIOLATION", CrashException(kind="access_violation", code="C0000005")),
        (
            "0xc0000005",
            "Access violation reading location 0x00000010",
            CrashException(kind="access_violation", code="C0000005", address=16, access="read"),
        ),
        ("E06D7363", "bad till", CrashException(kind="cpp_exception", code="E06D7363", message="bad till")),
        ("SIGSEGV", "No error message", CrashException(kind="access_violation", signal="SIGSEGV")),
        ("UNKNOWN", "No error message", CrashException()),
        (7, None, CrashException()),
    ],
)
def test_the_exception_is_what_code_and_message_say(code: Any, message: Any, expected: CrashException) -> None:
    assert expected == crash(exception_code=code, error_message=message).exception


def test_the_notes_say_whence_the_crash_comes() -> None:
    notes = crash(severity="LOW", crash_category="SPELL", occurrences=12, root_cause_hypothesis="a\nlock").notes
    assert "Imported from the old database, where it is 0123456789ab (SPELL, LOW)." == notes[0]
    assert "The old database counts 12 of it, and has the time of this one alone." == notes[1]
    assert "The old scripts supposed: a lock" == notes[2]
