"""Signatures: which frames are ours, what the crash is called, and what its fingerprint depends on."""

from dataclasses import replace

import pytest

from tasks.clients.knowledge import stack_lists
from tasks.core import signature
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.frames import StackList, StackLists, in_app_name
from tests.unit.crashes import crash

NULL_SOCKET = (
    "std::__atomic_base<bool>::exchange@/usr/include/c++/12/bits/atomic_base.h:505",
    "Socket<WorldSocket>::CloseSocket@src/server/shared/Networking/Socket.h:118",
    "WorldSession::Update@src/server/game/Server/WorldSession.cpp:24",
    "World::UpdateSessions@src/server/game/World/World.cpp:80",
    "main@Main.cpp:10",
)


@pytest.fixture(scope="module")
def lists() -> StackLists:
    return stack_lists()


def test_the_location_is_the_first_frame_of_ours(lists: StackLists) -> None:
    result = signature.generate(crash(*NULL_SOCKET), lists)
    assert result.location is not None
    assert ("Socket::CloseSocket", 118) == (result.location.name, result.location.frame.line)
    assert "Socket::CloseSocket" == result.signature


def test_dispatch_loops_do_not_count_below_the_location(lists: StackLists) -> None:
    assert ("Socket::CloseSocket", "WorldSession::Update") == signature.generate(crash(*NULL_SOCKET), lists).distinctive


def test_a_crash_in_a_dispatch_loop_itself_is_located_there(lists: StackLists) -> None:
    result = signature.generate(crash("Map::Update@Map.cpp:686", "MapUpdater::WorkerThread", "main"), lists)
    assert ("Map::Update",) == result.distinctive


def test_frames_above_the_signal_handler_are_dropped(lists: StackLists) -> None:
    result = signature.generate(crash("print_trace", "<signal handler called>", "Bag::take", "main"), lists)
    assert "Bag::take" == result.signature
    assert any("dropped 2 frames" in note for note in result.notes)


def test_abort_and_the_library_are_skipped(lists: StackLists) -> None:
    stack = ("raise", "abort", "__gnu_cxx::__verbose_terminate_handler", "std::vector<int>::at", "Loot::choose")
    result = signature.generate(crash(*stack, kind="cpp_exception", message="std::out_of_range: index 5"), lists)
    assert "std::out_of_range | Loot::choose" == result.signature


def test_prefix_frames_are_joined_with_their_caller(lists: StackLists) -> None:
    assert "Bag::at | Loot::choose" == signature.generate(crash("Bag::at", "Loot::choose", "main"), lists).signature


def test_the_fingerprint_ignores_lines_addresses_and_the_kind_of_crash(lists: StackLists) -> None:
    one = crash("A::f@a.cpp:106", "B::g@b.cpp:7")
    other = crash("A::f(int)@/build/a.cpp:132", "B::g", kind="sanitizer", address=None)
    assert signature.generate(one, lists).fingerprint == signature.generate(other, lists).fingerprint


def test_the_fingerprint_tells_assertions_apart_but_not_their_numbers(lists: StackLists) -> None:
    def fingerprint(text: str) -> str | None:
        return signature.generate(crash("A::f", kind="assertion", message=text), lists).fingerprint

    assert fingerprint("count < 10") == fingerprint("count < 12")
    assert fingerprint("count < 10") != fingerprint("m_map != nullptr")


def test_only_the_crashing_thread_is_read(lists: StackLists) -> None:
    one = crash("A::f")
    idle = Thread(id="2", frames=(Frame(index=0, function="B::wait"),))
    both: Crash = replace(one, threads=(idle, *one.threads))
    assert ("A::f",) == signature.generate(both, lists).in_app


def test_an_unsymbolised_frame_is_module_and_offset_and_has_no_fingerprint(lists: StackLists) -> None:
    frame = Frame(index=0, module="/opt/server/worldserver", offset=0x43AF01)
    result = signature.generate(replace(crash(), threads=(Thread(id="1", is_crashed=True, frames=(frame,)),)), lists)
    assert ("worldserver+0x43af01", None) == (result.signature, result.fingerprint)


def test_a_crash_without_a_stack_says_so(lists: StackLists) -> None:
    result = signature.generate(crash(), lists)
    assert ("no stack", None, None) == (result.signature, result.location, result.fingerprint)


def test_frames_of_the_system_are_not_ours_whatever_their_name(lists: StackLists) -> None:
    libc = Frame(index=0, function="helper", module="/lib/x86_64-linux-gnu/libc.so.6")
    windows = Frame(index=1, function="helper", module="C:\\Windows\\System32\\NTDLL.dll")
    header = Frame(index=2, function="swap", file="/usr/include/c++/12/bits/stl_algo.h")
    assert [None, None, None] == [in_app_name(frame, lists) for frame in (libc, windows, header)]


def test_a_list_matches_whole_names_only() -> None:
    listed = StackList("# comment\nabort\nstd::.*\n")
    assert [True, True, False] == [name in listed for name in ("abort", "std::sort", "aborted")]


def test_an_empty_list_matches_nothing() -> None:
    assert "" not in StackList("# nothing\n")


def located(lists: StackLists, *stack: str, **exception: str) -> tuple[str, ...]:
    return signature.generate(crash(*stack, **exception), lists).distinctive


def test_in_app_frames_are_all_of_ours_dispatch_loops_too(lists: StackLists) -> None:
    result = signature.generate(
        crash("raise", "Bag::take", "Map::Update", "std::sort", "World::Update", "clone"), lists
    )
    assert ("Bag::take", "Map::Update", "World::Update") == result.in_app


def test_accessors_do_not_tell_defects_apart_because_tools_inline_them(lists: StackLists) -> None:
    shown = located(lists, "Bag::take", "Bag::at", "Shop::sell")
    assert ("Bag::take", "Shop::sell") == shown == located(lists, "Bag::take", "Shop::sell")


def test_an_accessor_that_crashes_is_the_location(lists: StackLists) -> None:
    assert ("Bag::at", "Shop::sell") == located(lists, "Bag::at", "Shop::sell")


def test_recursion_and_overloads_count_once(lists: StackLists) -> None:
    assert ("A::f", "B::g") == located(lists, "A::f(int)", "A::f(long)", "A::f<int>", "B::g", "main")


def test_every_program_has_a_main_so_it_is_told_apart_by_its_file(lists: StackLists) -> None:
    assert ("main (shop.c)",) == located(lists, "main@/build/shop.c:15")
    assert located(lists, "main@/build/shop.c:15") != located(lists, "main@/build/bank.c:15")


def test_without_a_file_a_main_is_told_apart_by_its_program(lists: StackLists) -> None:
    assert ("main (shop)",) == signature.generate(replace(crash("main"), executable="/opt/shop"), lists).distinctive


def test_a_stack_overflow_is_its_cycle_wherever_it_ended(lists: StackLists) -> None:
    one = located(lists, *("A::f", "B::g") * 30, "main", kind="stack_overflow")
    other = located(lists, *("B::g", "A::f") * 30, "main", kind="stack_overflow")
    assert ("A::f", "B::g") == one == other


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param("Open", "Keep::Open", id="on the stack, in the spelling of the stack"),
        pytest.param("Gate::Lift", "Gate::Lift", id="inlined, so not on the stack"),
    ],
)
def test_a_failed_assertion_is_looked_for_where_it_says_that_it_stands(
    lists: StackLists, function: str, expected: str
) -> None:
    failed = {"kind": "assertion", "message": "gate", "site": "C:\\s\\Gate.h:12", "site_function": function}
    result = signature.generate(crash("Keep::Open", "Keep::Run", **failed), lists)
    assert result.location is not None
    place = result.location
    assert (expected, "C:\\s\\Gate.h", 12) == (place.name, place.frame.file, place.frame.line)
    assert ("Keep::Open", "Keep::Run") == result.in_app


def test_a_failed_assertion_without_a_frame_of_ours_stands_in_its_file(lists: StackLists) -> None:
    failed = {"kind": "assertion", "message": "count < 10", "site": "../src/bag.cc:12"}
    result = signature.generate(crash("raise", "abort", **failed), lists)
    assert ("count < N | bag.cc", ("bag.cc",)) == (result.signature, result.distinctive)
    assert result.fingerprint is not None


def test_the_place_of_a_failed_assertion_is_better_than_an_offset(lists: StackLists) -> None:
    failed = crash(kind="assertion", message="count < 10", site="../src/bag.cc:12")
    frames = (Frame(index=0, module="game", offset=0x10), Frame(index=1, function="Shop::run"))
    result = signature.generate(replace(failed, threads=(Thread(id="1", is_crashed=True, frames=frames),)), lists)
    assert ("bag.cc", "Shop::run") == result.distinctive
    assert result.fingerprint is not None


def test_a_library_template_of_a_type_of_ours_is_a_place(lists: StackLists) -> None:
    result = signature.generate(crash("std::less<int>::operator()", "std::map<int, Bag*>::find"), lists)
    assert ("std::map::find", ("std::map::find [Bag]",)) == (result.signature, result.distinctive)


def test_a_stack_of_libraries_alone_is_named_but_has_no_fingerprint(lists: StackLists) -> None:
    result = signature.generate(crash("raise", "abort", "malloc_printerr", "free", "_start"), lists)
    assert ("malloc_printerr", (), (), None) == (
        result.signature,
        result.in_app,
        result.distinctive,
        result.fingerprint,
    )


def test_a_leak_is_no_crash_of_the_same_function(lists: StackLists) -> None:
    leak = signature.generate(crash("A::f", kind="sanitizer", code="memory-leaks"), lists)
    assert leak.fingerprint != signature.generate(crash("A::f"), lists).fingerprint
    assert "memory leak" == leak.assertion


def test_the_loader_names_a_missing_library_without_any_stack(lists: StackLists) -> None:
    said = "./game: error while loading shared libraries: libbag.so.1"
    result = signature.generate(crash(kind="unknown", message=said), lists)
    assert result.signature.endswith("libbag.so.N | no stack")
    assert result.fingerprint is not None


@pytest.mark.parametrize(
    "file",
    ["/usr/include/c++/12/bits/stl_vector.h", "third_party/libc++/src/include/vector", "toolchain/include/c++/v1/map"],
)
def test_headers_of_the_standard_library_are_the_systems(lists: StackLists, file: str) -> None:
    """Symbolisers give inlined functions of the library bare names, such as `size`."""
    assert in_app_name(Frame(index=0, function="size", file=file), lists) is None


def test_a_qualified_function_of_ours_stays_ours_in_a_header_of_the_library(lists: StackLists) -> None:
    """GCC's line tables name the header whose code was inlined into the function."""
    frame = Frame(index=0, function="Bag::owner", file="/usr/include/c++/12/bits/shared_ptr_base.h")
    assert "Bag::owner" == in_app_name(frame, lists)


@pytest.mark.parametrize("name", ["read_header", "free_node", "write_all", "send_packet", "sendMessage", "wcs_parse"])
def test_functions_that_begin_like_the_c_library_are_of_the_program(lists: StackLists, name: str) -> None:
    assert name == in_app_name(Frame(index=0, function=name), lists)


@pytest.mark.parametrize(
    "name",
    ["__memmove_avx_unaligned_erms", "__strlen_evex", "__GI___libc_write", "_int_free", "__read_nocancel", "free_dbg"],
)
def test_variants_of_the_c_librarys_functions_are_the_systems(lists: StackLists, name: str) -> None:
    assert in_app_name(Frame(index=0, function=name), lists) is None


def test_a_crash_handler_alone_on_the_stack_crashed_itself(lists: StackLists) -> None:
    handler = "WheatyExceptionReport::PrintSystemInfo@src/WheatyExceptionReport.cpp:300"
    assert "WheatyExceptionReport::PrintSystemInfo" == signature.generate(crash(handler), lists).signature
    assert "Bag::take" == signature.generate(crash(handler, "Bag::take"), lists).signature
    assert signature.generate(crash(handler.partition("@")[0]), lists).location is None


def test_other_headers_below_usr_include_are_compiled_into_the_program(lists: StackLists) -> None:
    assert "bag" == in_app_name(Frame(index=0, function="bag", file="/usr/include/bag.h"), lists)


@pytest.mark.parametrize(
    "name",
    [
        "logging::LogMessage::~LogMessage",
        "google::LogMessageFatal::~LogMessageFatal",
        "abort_message",
        "qt_assert",
        "ASSERT_FAILED",
    ],
)
def test_who_fails_calls_the_last_function_of_a_logging_library(lists: StackLists, name: str) -> None:
    assert ("Bag::take",) == located(lists, "raise", "abort", name, "Bag::take")


def test_answers_of_a_list_are_forgotten_before_they_fill_the_memory() -> None:
    listed = StackList("bag.*")
    assert all(f"bag{number}" in listed for number in range(11_000))
    assert "shop" not in listed


def test_a_function_without_a_class_is_told_apart_by_its_source(lists: StackLists) -> None:
    assert ("usage in bag.c", "run") == located(lists, "usage@/src/Bag.c:3", "run@/src/shop.c:9")
    assert ("usage",) == located(lists, "usage@/src/bag.h:3")
    assert ("Bag::usage",) == located(lists, "Bag::usage@/src/bag.cpp:3")


def test_functions_without_linkage_are_compared_unqualified_as_sanitizers_print_them(lists: StackLists) -> None:
    debugger = located(lists, "bag::(anonymous namespace)::take", "bag::(anonymous namespace)::Shop::sell", "main")
    assert ("take", "sell") == debugger == located(lists, "take(int)", "sell", "main", kind="sanitizer")
