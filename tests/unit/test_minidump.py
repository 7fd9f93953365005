"""Facts about reading a minidump without symbols. The dumps are built here, byte by byte."""

import io
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.parsers import minidump, minidump_streams
from tests import crash_files

ASSERTION = b"C:\\src\\Map.cpp:77 in Map::Add ASSERTION FAILED:\n  player != nullptr\n"
WHOLE = crash_files.minidump(1)


def read(content: bytes) -> Crash:
    (crash,) = minidump.parse(io.BytesIO(content))
    return crash


def test_how_and_where_memory_was_accessed_is_read() -> None:
    exception = read(WHOLE).exception
    assert ("access_violation", "C0000005", "write", 0x1C) == (
        exception.kind,
        exception.code,
        exception.access,
        exception.address,
    )
    assert exception.is_null_access


def test_the_one_frame_is_the_place_of_the_exception_and_a_note_says_that_symbols_are_missing() -> None:
    crash = read(WHOLE)
    (frame,) = crash.frames
    assert (crash_files.PROGRAM, 0x1000) == (frame.module, frame.offset)
    assert not crash.is_complete
    assert "without symbols" in " ".join(crash.notes)


def test_the_build_is_the_debug_id_of_the_program_and_the_time_is_utc() -> None:
    crash = read(WHOLE)
    assert "0302010005040706" + "08090A0B0C0D0E0F" + "1" == crash.build
    assert datetime.fromtimestamp(crash_files.WRITTEN_AT, tz=UTC) == crash.occurred_at


def test_an_address_that_the_processor_does_not_tell_is_none() -> None:
    assert read(crash_files.minidump(1, data_address=2**64 - 1)).exception.address is None


def test_a_call_to_where_no_code_is_executes() -> None:
    jump = crash_files.minidump(1, data_address=crash_files.BASE + 0x1000, access=0)
    assert "execute" == read(jump).exception.access


def test_the_assertion_is_read_from_the_comment_of_the_server() -> None:
    crash = read(crash_files.minidump(1, code=0xC0000420, comment=ASSERTION))
    assert ("assertion", "player != nullptr", "C:\\src\\Map.cpp:77") == (
        crash.exception.kind,
        crash.exception.message,
        crash.exception.site,
    )


def test_a_comment_on_another_exception_is_a_note() -> None:
    crash = read(crash_files.minidump(1, comment=b"*** written by a tool"))
    assert crash.exception.message is None
    assert "*** written by a tool" in " ".join(crash.notes)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0xC0000094, "division_by_zero"),
        (0xC00000FD, "stack_overflow"),
        (0xE06D7363, "cpp_exception"),
        (0xC0000409, "abort"),
        (0xE0001234, "unknown"),
    ],
)
def test_the_kind_follows_from_the_code(code: int, kind: str) -> None:
    assert kind == read(crash_files.minidump(1, code=code)).exception.kind


def test_a_dump_of_a_running_process_has_no_exception() -> None:
    content = bytearray(WHOLE)
    at = WHOLE.index(struct.pack("<I", 6), 32)
    content[at : at + 4] = struct.pack("<I", 0x4767FFFF)
    crash = read(bytes(content))
    assert "unknown" == crash.exception.kind
    assert "still ran" in " ".join(crash.notes)


def test_names_and_versions_of_modules_are_read() -> None:
    (module,) = minidump_streams.read(io.BytesIO(WHOLE)).modules
    assert (crash_files.PROGRAM, crash_files.BASE, crash_files.SIZE) == (module.name, module.base, module.size)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "ends at byte 0, within its header", id="nothing"),
        pytest.param(WHOLE[:20], "ends at byte 20, within its header", id="cut in its header"),
        pytest.param(WHOLE[:32], "directory of 5 streams is not in the file", id="cut before its directory"),
        pytest.param(b"\x7fELF" * 20, "does not begin with the signature MDMP", id="another format"),
    ],
)
def test_what_is_no_minidump_or_is_cut_gives_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(DumpError, match=sentence):
        read(content)


def test_a_dump_whose_streams_are_cut_is_read_as_far_as_it_goes() -> None:
    crash = read(WHOLE[:100])
    assert "cut or damaged" in " ".join(crash.notes)


@given(st.data())
def test_a_damaged_minidump_gives_a_crash_or_the_named_error(data: st.DataObject) -> None:
    content = bytearray(crash_files.minidump(1, comment=ASSERTION))
    for _ in range(data.draw(st.integers(0, 16))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    end = data.draw(st.integers(0, len(content)))
    try:
        crash = read(bytes(content[:end] if data.draw(st.booleans()) else content))
    except DumpError:
        return
    assert "minidump" == crash.format


@given(st.binary(max_size=400))
def test_any_bytes_behind_the_signature_give_a_crash_or_the_named_error(content: bytes) -> None:
    try:
        read(b"MDMP" + content)
    except DumpError:
        return


def test_counts_that_lie_cost_nothing() -> None:
    huge = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, 2**32 - 1, 32, 0, 0, 0)
    lists = b"".join(struct.pack("<III", kind, 64, 80) for kind in (3, 4, 24))
    assert "unknown" == read(huge + lists + struct.pack("<I", 2**32 - 1) * 64).exception.kind
