"""What a hostile text names can be stored: NUL, halves of surrogate pairs, numbers and names beyond any column."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from db import crashes, defects, dumps, servers
from db.crashes import CrashFacts
from db.defects import Sighting
from db.dumps import DumpFacts
from db.session import Database
from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers
from tasks.core.crash import Crash
from tasks.core.matching import PatternIndex
from tasks.steps import reading

NOW = datetime(2025, 3, 4, 5, 6, tzinfo=UTC)
NOISE = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(200))
"""No index entry can be compressed to fit."""

GDB = "Program terminated with signal SIGSEGV, Segmentation fault.\n"
TEXTS = [
    pytest.param(
        f"{'log ' * 60}\n{GDB}#0  0x0000000000001000 in a\0b (x=1) at /\0.c:3\n"
        "#1  0x0000000000001010 in g () at a.c:1\n",
        id="NUL",
    ),
    pytest.param(
        f"PID 7 - core\nTID 7:\n#0  0x{'f' * 16} f - shop\n    /src/a.c:{'9' * 9}\n#1  0x1 g - shop\n"
        f"    [7c]@0x55bc7d093000+0x{'f' * 16}\n",
        id="numbers",
    ),
    pytest.param(f"{GDB}#0  0x0000000000001000 in A{NOISE} (x=1) at /src/{NOISE}.c:3\n#1  0x01 in g ()\n", id="names"),
    pytest.param(f"{GDB}#0  0x0000000000001000 in \u00e9{NOISE[:3000]}::f (x=1)\n", id="names beyond ASCII"),
    pytest.param(
        "Error: signal 11:\n" + "".join(f"./{NOISE[:380]}(+0x{i}70d)[0x555c7189970d]\n" for i in range(1, 5)),
        id="modules",
    ),
    pytest.param(
        f"Revision: AzerothCore rev. {NOISE} 2024-01-02\nDate 1:1:1. Time 0:0:0\nException code: C0000420 x\n"
        f"Assertion message: {NOISE}\nFault address:  00007FF70010A1B2 01:000000000010A1B2 {NOISE}.exe\nCall stack:\n"
        "Address   Frame     Function      SourceFile\n"
        "00007FF70010A1B2  000000D1C0FFE000  0001:000000000010C3D4 a.exe\n",
        id="builds and dates",
    ),
]


def store(session: Session, dump_id: int, server_id: int, crash: Crash) -> int | None:
    known = reading.understand(crash, stack_lists(), PatternIndex([]))
    shape, keys = matching.shape(known.signature), matching.keys(crash, known.signature)
    sighting = Sighting(signature=known.signature.signature, shape=shape, keys=keys, occurred_at=NOW, build=crash.build)
    facts = CrashFacts(
        server_id=server_id,
        dump_id=dump_id,
        capture="c",
        report_hash="h",
        occurred_at=crash.occurred_at.astimezone() if crash.occurred_at else NOW,
        crash=crash,
        signature=known.signature,
        assessment=known.assessment,
        placement=defects.place(session, sighting, None),
        log_window={"line": "\0\ud800"},
    )
    return crashes.add(session, facts)


@pytest.mark.parametrize("text", TEXTS)
def test_a_crash_of_any_text_is_stored_and_found_again(database: Database, text: str) -> None:
    crash = parsers.parse(text.encode())[0]
    with database.transaction() as session:
        server_id = servers.ensure(session, "s")
        dump_id = dumps.record(session, server_id, DumpFacts(path="/a", inode=1, size=2, captured_at=NOW), [])
        assert dump_id is not None
        identifier = store(session, dump_id, server_id, replace(crash, notes=(*crash.notes, "\0\ud800")))
    with database.transaction() as session:
        row = crashes.get(session, identifier or 0)
        assert row is not None
        assert len(crash.frames) == len(crashes.value(row).frames)


def test_a_path_with_undecodable_bytes_is_recorded_once(database: Database) -> None:
    facts = DumpFacts(path="/crashes/\udcff.txt", inode=1, size=2, captured_at=NOW)
    with database.transaction() as session:
        server_id = servers.ensure(session, "s")
        found = [dumps.record(session, server_id, facts, []) for _ in range(2)]
    assert [True, False] == [identifier is not None for identifier in found]
