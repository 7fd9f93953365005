"""Signatures: which frames are ours, what the crash is called, and what its fingerprint depends on."""

from dataclasses import replace

import pytest

from tasks.clients.knowledge import stack_lists
from tasks.core import signature
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.signature import StackList, StackLists
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
    header = Frame(index=2, function="Bag::swap", file="/usr/include/c++/12/bits/stl_algo.h")
    assert [None, None, None] == [signature.in_app_name(frame, lists) for frame in (libc, windows, header)]


def test_a_list_matches_whole_names_only() -> None:
    listed = StackList("# comment\nabort\nstd::.*\n")
    assert [True, True, False] == [name in listed for name in ("abort", "std::sort", "aborted")]


def test_an_empty_list_matches_nothing() -> None:
    assert "" not in StackList("# nothing\n")
