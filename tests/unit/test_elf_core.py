"""Facts about reading an ELF core without a debugger. The cores are built here, byte by byte."""

import io
import struct
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.errors import DumpError
from tasks.core.parsers import elf_core
from tasks.core.parsers.elf_core import CoreNotes, MappedFile, ModuleMap

SEGV, ABRT = 11, 6
BASE, STACK = 0x5555_0000_0000, 0x7FFD_0000_0000
BUILD_ID = bytes(range(20))
PROGRAM = "/srv/bin/worldserver"


def note(kind: int, data: bytes, name: bytes = b"CORE\0") -> bytes:
    padded = name.ljust((len(name) + 3) // 4 * 4, b"\0")
    return struct.pack("<III", len(name), len(data), kind) + padded + data.ljust((len(data) + 3) // 4 * 4, b"\0")


def status(thread: int, signal: int, pc: int, sp: int) -> bytes:
    registers = [0] * 27
    registers[16], registers[19] = pc, sp
    head = struct.pack("<iiihhQQi", signal, 0, 0, signal, 0, 0, 0, thread)
    return head.ljust(112, b"\0") + struct.pack("<27Q", *registers) + bytes(8)


def segment(kind: int, address: int, offset: int, size: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, 4, offset, address, 0, size, size, 1)


@dataclass(frozen=True, kw_only=True)
class Death:
    signal: int = SEGV
    code: int = 1
    address: int = 0x18
    arguments: tuple[str, ...] = ("./worldserver", "-c", "my world.conf")


def stack_memory(arguments: tuple[str, ...], vector: bytes) -> bytes:
    """The initial process stack from argc on, as the System V ABI lays it out; the strings lie above it."""
    environment = ("HOME=/", "LANG=C")
    words = 1 + len(arguments) + 1 + len(environment) + 1
    strings, pointers, position = b"", [], words * 8 + len(vector) + 16
    for text in (*arguments, *environment):
        pointers.append(STACK + position + len(strings))
        strings += text.encode() + b"\0"
    own, others = pointers[: len(arguments)], pointers[len(arguments) :]
    return struct.pack(f"<{words}Q", len(arguments), *own, 0, *others, 0) + vector + b"randomness 16 by" + strings


def core_bytes(death: Death = Death(), *, has_siginfo: bool = True) -> bytes:
    """An x86-64 core with two threads, the program's first page, and the stack's begin."""
    random_at = STACK + (1 + len(death.arguments) + 1 + 2 + 1) * 8 + 6 * 16
    pairs = ((3, BASE + 64), (4, 56), (5, 2), (9, BASE + 0x1000), (25, random_at), (0, 0))
    vector = b"".join(struct.pack("<QQ", *pair) for pair in pairs)
    build = note(3, BUILD_ID, b"GNU\0")
    page = bytes(64) + segment(6, 64, 64, 112) + segment(4, 0x200, 0x200, len(build))
    page = (page.ljust(0x200, b"\0") + build).ljust(0x1000, b"\0")
    files = struct.pack("<QQ", 2, 4096) + struct.pack("<QQQ", BASE, BASE + 0x1000, 0)
    files += struct.pack("<QQQ", BASE + 0x1000, BASE + 0x3000, 1) + f"{PROGRAM}\0{PROGRAM}\0".encode()
    info = struct.pack("<BBBBxxxxQIIiiii", 0, 82, 0, 0, 0, 0, 0, 77, 1, 77, 77)
    info += b"worldserver".ljust(16, b"\0") + " ".join(death.arguments).encode()[:79].ljust(80, b"\0")
    signal = struct.pack("<iiiiQ", death.signal, 0, death.code, 0, death.address).ljust(128, b"\0")
    notes = note(1, status(101, death.signal, BASE + 0x1010, STACK)) + note(3, info)
    notes += (note(0x53494749, signal) if has_siginfo else b"") + note(6, vector) + note(0x46494C45, files)
    notes += note(1, status(102, 0, BASE + 0x2000, STACK))
    stack = stack_memory(death.arguments, vector)
    start = 64 + 3 * 56
    headers = segment(4, 0, start, len(notes)) + segment(1, BASE, start + len(notes), len(page))
    headers += segment(1, STACK, start + len(notes) + len(page), len(stack))
    elf = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 3, 0, 0, 0)
    return elf + headers + notes + page + stack


def read(content: bytes) -> CoreNotes:
    return elf_core.read_notes(io.BytesIO(content))


def test_a_core_states_signal_address_and_threads_the_crashed_one_first() -> None:
    notes = read(core_bytes())
    assert ("SIGSEGV", 1, 0x18) == (notes.signal, notes.code, notes.address)
    assert [101, 102] == [thread.id for thread in notes.threads]
    assert (BASE + 0x1010, STACK) == (notes.threads[0].pc, notes.threads[0].sp)
    assert 77 == notes.pid


def test_the_whole_command_line_is_found_on_the_stack() -> None:
    arguments = ("./worldserver", "-c", "my world.conf", "x" * 300)
    notes = read(core_bytes(Death(arguments=arguments)))
    assert arguments == notes.arguments
    assert "worldserver" == notes.name
    assert 80 > len(notes.summary)


def test_a_program_without_arguments_has_an_empty_command_line_on_the_stack() -> None:
    assert () == read(core_bytes(Death(arguments=()))).arguments


def test_without_the_stack_the_command_line_is_the_kernels_summary() -> None:
    content = core_bytes()
    notes = read(content[: content.index(b"randomness") - 200])
    assert ("./worldserver", "-c", "my", "world.conf") == notes.arguments
    assert "summary" in " ".join(notes.remarks)


def test_the_program_and_its_build_id_are_known() -> None:
    notes = read(core_bytes())
    assert (PROGRAM, BUILD_ID.hex()) == (notes.program, notes.build_id)


@pytest.mark.parametrize(
    ("death", "remark"),
    [
        pytest.param(Death(code=128, address=0), "general protection fault", id="a fault that tells no address"),
        pytest.param(Death(code=0, address=1234), "sent by process 1234", id="a signal sent by kill"),
        pytest.param(Death(code=-6, address=1234), "sent by process 1234", id="a signal that the process sent itself"),
        pytest.param(Death(signal=ABRT, code=-6, address=1234), "", id="an abort, whose field holds a process id"),
    ],
)
def test_an_address_is_none_where_no_access_failed(death: Death, remark: str) -> None:
    notes = read(core_bytes(death))
    assert notes.address is None
    assert remark in " ".join(notes.remarks)


def test_a_core_without_siginfo_still_has_its_signal() -> None:
    notes = read(core_bytes(has_siginfo=False))
    assert ("SIGSEGV", None, None) == (notes.signal, notes.code, notes.address)


def test_a_core_whose_memory_is_cut_is_read_and_says_so() -> None:
    content = core_bytes()
    notes = read(content[:-10])
    assert notes.is_cut
    assert f"the file ends at {len(content) - 10}" in " ".join(notes.remarks)
    assert "SIGSEGV" == notes.signal


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(core_bytes()[:100], "it says it has 3 program headers but ends at byte 100", id="in its headers"),
        pytest.param(core_bytes()[:30], "ends at byte 30", id="in its first bytes"),
        pytest.param(core_bytes()[: 64 + 3 * 56], "no notes about its threads", id="before its notes"),
        pytest.param(b"", "does not begin with the ELF signature", id="nothing"),
        pytest.param(b"MDMP" * 40, "does not begin with the ELF signature", id="another format"),
        pytest.param(core_bytes()[:16] + b"\3\0" + core_bytes()[18:], "not a core", id="a program"),
    ],
)
def test_what_is_no_core_or_is_cut_gives_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(DumpError, match=sentence):
        read(content)


def test_the_build_id_of_a_program_is_read_from_its_notes() -> None:
    build = note(3, BUILD_ID, b"GNU\0")
    elf = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    assert BUILD_ID.hex() == elf_core.build_id(io.BytesIO(elf + segment(4, 0, 120, len(build)) + build))


def test_addresses_are_found_in_the_file_that_was_mapped_there() -> None:
    def mapped(start: int, end: int, offset: int, path: str) -> MappedFile:
        return MappedFile(start=start, end=end, offset=offset, path=path)

    modules = ModuleMap(
        [
            mapped(0x7000, 0x8000, 0x1000, "/lib/b.so (deleted)"),
            mapped(0x1000, 0x2000, 0, "/bin/a"),
            mapped(0x2000, 0x3000, 0x1000, "/bin/a"),
            mapped(0x6000, 0x7000, 0, "/lib/b.so (deleted)"),
        ]
    )
    assert ("/bin/a", 0x1800) == modules.find(0x2800)
    assert ("/lib/b.so", 0x1004) == modules.find(0x7004)
    assert [None, None, None] == [modules.find(address) for address in (0, 0x3000, 0x9000)]


@given(st.data())
def test_a_damaged_core_gives_notes_or_the_named_error(data: st.DataObject) -> None:
    content = bytearray(core_bytes())
    limit = data.draw(st.sampled_from([len(content), 1200, 256]))
    for _ in range(data.draw(st.integers(0, 12))):
        position = data.draw(st.integers(0, limit - 1))
        content[position] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    end = data.draw(st.integers(0, len(content)))
    try:
        notes = read(bytes(content[:end] if data.draw(st.booleans()) else content))
    except DumpError:
        return
    assert notes.threads


@given(st.binary(max_size=300))
def test_any_bytes_behind_an_elf_signature_give_the_named_error(content: bytes) -> None:
    for wide in (b"\1", b"\2"):
        try:
            read(b"\x7fELF" + wide + content)
        except DumpError:
            continue
