"""A core that is cut, damaged or forged, and any export of gdb, give a crash that can be stored, or the named error."""

import contextlib
import io
import json
import struct
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tasks.core.errors import DumpError
from tasks.core.parsers import elf_core, gdb_json, minidump
from tasks.core.parsers.elf_core import CoreNotes, CoreThread, MappedFile
from tests import crash_files
from tests.fuzz import facts
from tests.unit.test_elf_core import core_bytes

CORE = core_bytes()
MINIDUMP = crash_files.minidump(1, comment=b"/src/Map.cpp:77 in Map::Add ASSERTION FAILED:\n  player != nullptr\n")
HEADS = 1200
"""The bytes that say what lies where: header, program headers, notes."""

WORDS = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0xFFFF, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 63, (1 << 64) - 1)
SIZES = (1, 2, 4, 8)
CHANGES = st.lists(st.integers(0, 1 << 40), max_size=12)


def forged(changes: list[int], whole: bytes = CORE) -> bytes:
    """Overwrite numbers of one to eight bytes, mostly in the heads."""
    content = bytearray(whole)
    for change in changes:
        place, choice = divmod(change, 1 << 16)
        at = place % (min(HEADS, len(content)) if choice & 1 else len(content))
        size = SIZES[choice >> 1 & 3]
        word = WORDS[(choice >> 3) % len(WORDS)] & ((1 << 8 * size) - 1)
        content[at : at + size] = word.to_bytes(size, "big" if choice & 1 << 12 else "little")
    return bytes(content)


@given(st.one_of(CHANGES.map(forged), st.integers(0, len(CORE)).map(lambda end: CORE[:end])))
def test_a_forged_core_gives_notes_or_the_named_error(content: bytes) -> None:
    with contextlib.suppress(DumpError):
        elf_core.build_id(io.BytesIO(content))
    try:
        notes = elf_core.read_notes(io.BytesIO(content))
    except DumpError:
        return
    facts.check(gdb_json.from_notes(notes, ["gdb was not run"]))


@given(st.sampled_from([b"\x7fELF\1\1", b"\x7fELF\1\2", b"\x7fELF\2\1", b"\x7fELF\2\2", b""]), st.binary(max_size=400))
def test_any_bytes_behind_a_signature_give_notes_or_the_named_error(head: bytes, content: bytes) -> None:
    with contextlib.suppress(DumpError):
        elf_core.read_notes(io.BytesIO(head + content))


@given(
    st.one_of(
        CHANGES.map(lambda changes: forged(changes, MINIDUMP)),
        st.integers(0, len(MINIDUMP)).map(lambda end: MINIDUMP[:end]),
        st.binary(max_size=400).map(lambda content: b"MDMP" + content),
    )
)
def test_a_forged_minidump_gives_a_crash_or_the_named_error(content: bytes) -> None:
    try:
        (crash,) = minidump.parse(io.BytesIO(content))
    except DumpError:
        return
    facts.check(crash)


def test_a_million_small_notes_are_not_all_read() -> None:
    many = struct.pack("<III", 5, 40, 1) + b"CORE\0\0\0\0" + bytes(40)
    content = bytearray(CORE[: 64 + 3 * 56])
    struct.pack_into("<QQQQQ", content, 64 + 8, len(content), 0, 0, len(many) * 1_000_000, 0)
    notes = elf_core.read_notes(io.BytesIO(bytes(content) + many * 1_000_000))
    assert 10_000 == len(notes.threads)
    assert "more than 10000 threads" in " ".join(notes.remarks)


NUMBERS = st.sampled_from([0, -1, 3, 1 << 31, 1 << 63, 1 << 64, 10**30, 10**4000, 1.5, True, None, "3", "0x3"])
TEXTS = st.sampled_from(
    ["", "f", "std::f<int>", "a\0b", "\ud800", "x" * 9000, None, 7, [], {}, "\u0663", "__assert_fail"]
)
ANYTHING = st.one_of(NUMBERS, TEXTS)
FRAMES = st.fixed_dictionaries(
    {},
    optional={
        "address": NUMBERS,
        "function": TEXTS,
        "file": TEXTS,
        "fullname": TEXTS,
        "line": NUMBERS,
        "module": TEXTS,
        "is_inlined": ANYTHING,
        "arguments": TEXTS,
    },
)
THREADS = st.fixed_dictionaries(
    {"id": st.sampled_from([7, 7, 7, 8, -1, 10**30, "x"]), "frames": st.lists(FRAMES, min_size=1, max_size=4)},
    optional={"is_cut": st.booleans(), "error": TEXTS},
)
EXPORTS = st.fixed_dictionaries(
    {"threads": st.lists(THREADS, min_size=1, max_size=3)},
    optional={
        "siginfo": st.fixed_dictionaries({"number": NUMBERS, "code": NUMBERS, "address": NUMBERS}),
        "instruction": st.one_of(
            TEXTS, st.sampled_from(["mov 0x99999999999999999999(%rax,%rbx,9),%rcx", "call *%rax"])
        ),
        "registers": st.dictionaries(st.sampled_from(["rax", "rbx", "\0"]), NUMBERS),
        "stack_pointer": NUMBERS,
        "assertion": TEXTS,
        "abort_message": st.one_of(TEXTS, st.sampled_from(["a: b:99999999999: f: Assertion `x' failed."])),
        "cpp_exception": st.fixed_dictionaries({"type": TEXTS}, optional={"what": TEXTS}),
        "threads_left_out": NUMBERS,
        "errors": st.lists(TEXTS, max_size=3),
    },
)
NOTES = CoreNotes(
    signal="SIGSEGV",
    code=1,
    address=0x18,
    threads=(CoreThread(id=7, pc=0x1010, sp=0x9000), CoreThread(id=8)),
    files=(MappedFile(start=0, end=1 << 64, offset=0, path="/bin/ws" * 2000),),
)


@given(EXPORTS, st.sampled_from(["SIGSEGV", "SIGABRT", None]))
def test_any_export_gives_a_crash_or_the_named_error(export: dict[str, object], signal: str | None) -> None:
    try:
        crash = gdb_json.parse(json.dumps(export).encode(), replace(NOTES, signal=signal, arguments=("x" * 9000,) * 9))
    except DumpError:
        return
    facts.check(crash)


@given(st.one_of(st.binary(max_size=200), st.sampled_from([b"[" * 100_000, b'{"threads":' * 9, b'{"threads": NaN}'])))
def test_what_is_no_export_is_refused(content: bytes) -> None:
    with contextlib.suppress(DumpError):
        gdb_json.parse(content, NOTES)
