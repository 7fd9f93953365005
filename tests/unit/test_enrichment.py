"""Facts about one crash that two files tell: whichever comes first, the result is the same."""

from dataclasses import replace

from tasks.core import enrichment
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tests.unit.crashes import crash

TEXT = replace(crash("Unit::Update", "Map::Update", address=None, code="C0000005"), format="wheaty", build="abc+")
DUMP = Crash(
    format="minidump",
    exception=CrashException(kind="access_violation", code="C0000005", address=0x1C, access="write", message="said"),
    threads=(Thread(id="7", is_crashed=True, frames=(Frame(index=0, module="w.exe", offset=1, address=4096),)),),
    build="0123",
    notes=("A minidump is read without symbols: its one frame is where the exception is.",),
)


def test_the_order_of_the_files_makes_no_difference() -> None:
    assert enrichment.join(TEXT, DUMP).crash == enrichment.join(DUMP, TEXT).crash


def test_the_text_gives_the_stack_and_the_dump_what_the_text_lacks() -> None:
    joined = enrichment.join(DUMP, TEXT)
    assert not joined.is_base_kept
    told = joined.crash
    assert (TEXT.threads, "abc+") == (told.threads, told.build)
    assert (0x1C, "write", "said") == (told.exception.address, told.exception.access, told.exception.message)


def test_a_note_says_what_came_from_the_other_file() -> None:
    (note,) = enrichment.join(TEXT, DUMP).crash.notes
    assert "The minidump beside it tells the data address, the access, the message." == note


def test_what_the_better_file_says_is_kept() -> None:
    text = replace(TEXT, exception=replace(TEXT.exception, address=0x20, access="read", message="mine"))
    assert text.exception == enrichment.join(text, DUMP).crash.exception


def test_a_text_without_a_stack_gives_way_to_the_dump() -> None:
    empty = replace(TEXT, threads=())
    assert DUMP.threads == enrichment.join(empty, DUMP).crash.threads


def test_of_several_crashes_the_dump_is_of_the_one_with_its_code_and_place() -> None:
    at = Frame(index=0, function="f", address=4096)
    here = replace(TEXT, threads=(Thread(id="1", is_crashed=True, frames=(at,)),))
    elsewhere = replace(TEXT, threads=(Thread(id="1", is_crashed=True, frames=(at._replace(address=8192),)),))
    other_code = replace(here, exception=replace(here.exception, code="C0000094"))
    assert [True, False, False] == [enrichment.is_same_death(text, DUMP) for text in (here, elsewhere, other_code)]
