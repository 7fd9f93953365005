"""Facts about recognising files by their content."""

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash, CrashException
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import gdb_json
from tasks.core.parsers.elf_core import CoreNotes, CoreThread, MappedFile

REPORT = "Program received signal SIGSEGV, x.\n#0  Map::Größe (this=0x0) at /src/Map.cpp:3\n"


class Format:
    """A text format of one word."""

    def __init__(self, word: str, *, is_refusing: bool = False) -> None:
        self.NAME = word
        self._word = word.encode()
        self._is_refusing = is_refusing

    def sniff(self, head: bytes, /) -> bool:
        return self._word in head

    def parse(self, content: bytes, /) -> list[Crash]:
        if self._is_refusing:
            raise UnrecognisedError(f"no stack for {self.NAME}")
        return [Crash(format=self.NAME, exception=CrashException())]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        pytest.param(b"\x7fELF\2\1\1" + bytes(9) + b"\4\0", "elf_core", id="a core"),
        pytest.param(b"\x7fELF\2\2\1" + bytes(9) + b"\0\4", "elf_core", id="a core of a big-endian machine"),
        pytest.param(b"\x7fELF\2\1\1" + bytes(9) + b"\3\0", "foreign", id="a program"),
        pytest.param(b"MDMP\x93\xa7", "minidump", id="a minidump"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\0" * 100, "empty", id="zeros of a file that was never written"),
        pytest.param(b" \r\n\n", "empty", id="blank lines"),
        pytest.param(b"MZ\x90\0\3", "foreign", id="a Windows program"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "foreign", id="a picture"),
        pytest.param(b"\x1f\x8b\x08\0", "foreign", id="a packed file"),
        pytest.param(bytes(range(256)), "foreign", id="binary rubbish"),
        pytest.param(REPORT.encode(), "text", id="a text"),
        pytest.param(REPORT.encode("cp1252"), "text", id="a text of a code page"),
        pytest.param(REPORT.encode("utf-16"), "text", id="a text in UTF-16"),
        pytest.param(b"\x1b[1m" + REPORT.encode(), "text", id="a text with colours"),
    ],
)
def test_the_content_says_what_a_file_is(head: bytes, kind: str) -> None:
    assert kind == parsers.kind_of(head)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(REPORT.encode(), id="UTF-8"),
        pytest.param(codecs.BOM_UTF8 + REPORT.encode(), id="UTF-8 with a mark"),
        pytest.param(REPORT.encode("utf-16"), id="UTF-16"),
        pytest.param(b"log line\n" * 20_000 + REPORT.encode(), id="behind a long log"),
    ],
)
def test_a_report_is_read_whatever_wraps_it(content: bytes) -> None:
    crashes = parsers.parse(content)
    assert [("gdb_text", "Map::Größe")] == [(crash.format, crash.frames[0].function) for crash in crashes]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "The file is empty", id="nothing"),
        pytest.param(b"\x7fELF\2\1\1" + bytes(9) + b"\3\0", "an ELF program", id="a program"),
        pytest.param(b"\x7fELF\2\1\1" + bytes(9) + b"\4\0", "read by the debugger", id="a core"),
        pytest.param(b"\x28\xb5\x2f\xfd\0", "unpack it first", id="a packed core"),
        pytest.param(b"PK\3\4\0", "a ZIP archive", id="an archive"),
        pytest.param(bytes(range(256)), "a kind that crashflow does not know", id="binary rubbish"),
        pytest.param(b"2024-01-01 World initialised\n", "holds no stack", id="a log"),
        pytest.param(b"Program received signal SIGSEGV, x.\n", "holds no stack", id="words of gdb alone"),
    ],
)
def test_what_can_not_be_read_is_named_in_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(UnrecognisedError, match=sentence):
        parsers.parse(content)


def test_the_first_fitting_format_reads_a_text_and_a_refusal_passes_it_on() -> None:
    formats = (Format("alpha", is_refusing=True), Format("beta"), Format("gamma"))
    assert ["beta"] == [crash.format for crash in parsers.parse(b"gamma beta alpha", formats=formats)]


def test_a_format_that_shows_late_in_a_file_is_asked_after_those_that_show_early() -> None:
    content = b"beta" + b" " * parsers.HEAD + b"alpha"
    formats = (Format("alpha"), Format("beta"))
    assert ["beta"] == [crash.format for crash in parsers.parse(content, formats=formats)]


def test_the_reason_of_the_format_that_fitted_is_kept() -> None:
    with pytest.raises(UnrecognisedError, match="no stack for alpha"):
        parsers.parse(b"alpha", formats=(Format("alpha", is_refusing=True), Format("beta")))


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    parsers.kind_of(content)
    try:
        parsers.parse(content)
    except DumpError:
        return


CORE = CoreNotes(
    signal="SIGSEGV",
    code=1,
    address=0x18,
    threads=(CoreThread(id=7, pc=0x1010, sp=0x9000), CoreThread(id=8)),
    program="/bin/ws",
    arguments=("ws", "-c"),
    files=(MappedFile(start=0x1000, end=0x2000, offset=0, path="/bin/ws"),),
    build_id="ab12",
)


def export(**facts: object) -> bytes:
    frames = [{"address": 0x1010, "function": "f", "file": "a.cpp", "line": 3, "arguments": "a=1"}, {"address": 0x1020}]
    return json.dumps({"threads": [{"id": 7, "frames": frames}, {"id": 8, "frames": []}], **facts}).encode()


def test_an_export_and_its_notes_make_a_crash() -> None:
    crash = gdb_json.parse(export(), CORE)
    assert ("SIGSEGV", 0x18, "access_violation") == (
        crash.exception.signal,
        crash.exception.address,
        crash.exception.kind,
    )
    assert ("ab12", "/bin/ws", ("ws", "-c")) == (crash.build, crash.executable, crash.command_line)
    first = crash.frames[0]
    assert ("f", "a.cpp", 3, "/bin/ws", 0x10, "a=1") == (
        first.function,
        first.file,
        first.line,
        first.module,
        first.offset,
        first.arguments,
    )
    assert ["7", "8"] == [thread.id for thread in crash.threads]
    assert crash.is_complete


def test_the_exception_object_and_the_abort_message_speak() -> None:
    core = CoreNotes(signal="SIGABRT", threads=CORE.threads)
    frames = [{"function": name} for name in ("__GI_raise", "__GI_abort", "__cxa_throw", "f")]
    threads = [{"id": 7, "frames": frames}]
    thrown = gdb_json.parse(export(threads=threads, cpp_exception={"type": "Net::Oops", "what": "past end"}), core)
    assert ("cpp_exception", "Net::Oops: past end") == (thrown.exception.kind, thrown.exception.message)
    threads[0]["frames"] = [frame for frame in frames if frame["function"] != "__cxa_throw"]
    failed = gdb_json.parse(export(threads=threads, abort_message="p: a.c:3: int f(): Assertion `x' failed.\n"), core)
    assert ("assertion", "x") == (failed.exception.kind, failed.exception.message)


def test_a_protection_fault_takes_its_address_from_the_instruction() -> None:
    core = CoreNotes(signal="SIGSEGV", code=128, threads=CORE.threads)
    facts = {"instruction": "mov    %eax,0x10(%rsi)", "registers": {"rsi": 0xDEADBEEF00000000}}
    exception = gdb_json.parse(export(**facts), core).exception
    assert (0xDEADBEEF00000010, "write") == (exception.address, exception.access)


def test_a_fault_beside_the_stack_pointer_is_a_stack_overflow() -> None:
    core = CoreNotes(signal="SIGSEGV", code=1, address=0x7FFD_0000_0FF8, threads=CORE.threads)
    assert "stack_overflow" == gdb_json.parse(export(stack_pointer=0x7FFD_0000_1000), core).exception.kind


def test_a_jump_through_null_is_an_execution() -> None:
    core = CoreNotes(signal="SIGSEGV", code=1, address=0, threads=CORE.threads)
    threads = [{"id": 7, "frames": [{"address": 0}, {"address": 0x1010, "function": "f"}]}]
    assert "execute" == gdb_json.parse(export(threads=threads), core).exception.access


def test_the_notes_alone_give_a_module_and_an_offset() -> None:
    crash = gdb_json.from_notes(CORE, ["gdb was not run"])
    assert ("/bin/ws", 0x10, None) == (crash.frames[0].module, crash.frames[0].offset, crash.frames[0].function)
    assert not crash.is_complete
    assert "gdb was not run" in crash.notes


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="another shape"),
        pytest.param(b'{"threads": [{"id": "x"}]}', id="a wrong type"),
        pytest.param(b'{"threads": []}', id="no threads"),
        pytest.param(b'{"threads": [{"id": 7, "frames": [{"address": -1}]}]}', id="an impossible address"),
    ],
)
def test_a_broken_export_is_refused(content: bytes) -> None:
    with pytest.raises(DumpError):
        gdb_json.parse(content, CORE)
