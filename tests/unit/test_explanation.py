"""Explanations: the hypothesis names what the report shows, and every suggestion has its reason."""

import typing

import pytest

from tasks.clients.knowledge import stack_lists
from tasks.core import signature, triage
from tasks.core.crash import Crash, CrashException, Frame, Kind, Thread
from tasks.core.triage import Assessment
from tests.unit.crashes import crash


def of(crashed: Crash) -> Assessment:
    return triage.assess(crashed, signature.generate(crashed, stack_lists()), None)


def of_stack(*functions: str, **exception: object) -> Assessment:
    return of(crash(*functions, **exception))  # type: ignore[arg-type]


STACK = ("Bag::take@Bag.cpp:12", "Shop::sell@Shop.cpp:40", "main@main.cpp:3")


@pytest.mark.parametrize(
    ("address", "category", "severity", "words"),
    [
        pytest.param(0x0, "null pointer", "high", "through a null pointer", id="null"),
        pytest.param(0x1C, "null pointer", "high", "offset 0x1c", id="a member of null"),
        pytest.param(0x20008, "invalid pointer", "critical", "near to null", id="a number taken for a pointer"),
        pytest.param(0xDDDDDDDDDDDDDDDD, "freed memory", "critical", "freed memory", id="MSVC's fill of freed memory"),
        pytest.param(0xDDDDDDE5, "freed memory", "critical", "freed memory", id="a member behind a freed pointer"),
        pytest.param(0xFEEEFEEEFEEEFEEE, "freed memory", "critical", "freed memory", id="the system heap's fill"),
        pytest.param(0xCDCDCDCDCDCDCDCD, "uninitialised memory", "critical", "never set", id="memory never set"),
        pytest.param(0xBAADF00DBAADF00D, "uninitialised memory", "critical", "never set", id="heap never set"),
        pytest.param(2**64 - 8, "invalid pointer", "critical", "just below null", id="below null"),
        pytest.param(0x4141424344454647, "overwritten pointer", "critical", "overwritten", id="not canonical"),
        pytest.param(0x7F12345678, "invalid pointer", "critical", "nothing is mapped", id="an address like any other"),
        pytest.param(None, "invalid pointer", "high", "does not say which address", id="an address not stated"),
    ],
)
def test_the_address_tells_what_the_pointer_was(address: int | None, category: str, severity: str, words: str) -> None:
    found = of_stack(*STACK, address=address)
    assert (category, severity) == (found.category, found.severity)
    assert words in found.hypothesis
    assert "Bag::take (Bag.cpp:12)" in found.hypothesis


def test_no_access_violation_is_rated_low() -> None:
    addresses = (None, 0, 8, 0x10000, 0xDDDDDDDD, 2**64 - 1)
    ratings = {
        of_stack(*STACK, address=address, access=how).severity
        for address in addresses
        for how in ("read", "write", "execute")
    }
    assert {"high", "critical"} == ratings


def test_a_null_pointer_is_looked_for_in_the_caller() -> None:
    assert "Shop::sell (Shop.cpp:40)" in of_stack(*STACK, address=0x1C).suggestions[0]


def test_a_jump_through_null_is_an_empty_callback() -> None:
    assert "null pointer to a function" in of_stack(*STACK, address=0, access="execute").hypothesis


def test_an_argument_that_the_debugger_shows_as_null_is_named() -> None:
    frame = Frame(index=0, function="Bag::take", file="Bag.cpp", line=12, arguments="this=0x0, owner=0x5555")
    thread = Thread(id="1", is_crashed=True, frames=(frame,))
    found = of(Crash(format="gdb", exception=CrashException(kind="access_violation"), threads=(thread,)))
    assert "null pointer" == found.category
    assert "this is 0x0" in found.hypothesis


def test_a_fault_inside_a_container_blames_who_owns_it() -> None:
    found = of_stack("std::_Rb_tree<int, int>::find(int const&)", *STACK, address=None)
    assert "inside std::_Rb_tree::find" in found.hypothesis
    assert any("lock" in text for text in found.suggestions)


def test_a_recursion_names_its_cycle_from_caller_to_callee() -> None:
    cycle = ("Tree::visit@Tree.cpp:5", "Node::walk@Node.cpp:9") * 20
    found = of_stack(*cycle, "main", kind="stack_overflow", address=None)
    assert "Node::walk -> Tree::visit -> Node::walk" in found.hypothesis


def test_a_stack_overflow_without_recursion_asks_for_large_objects() -> None:
    assert "large arrays" in of_stack(*STACK, kind="stack_overflow", address=None).suggestions[0]


def test_a_failed_assertion_is_quoted_with_its_place_and_caller() -> None:
    found = of_stack(*STACK, kind="assertion", address=None, message="slot < size()")
    for words in ("`slot < size()`", "Bag::take (Bag.cpp:12)", "Shop::sell (Shop.cpp:40)"):
        assert words in found.hypothesis


@pytest.mark.parametrize(
    ("message", "words"),
    [
        pytest.param("std::out_of_range: map::at", "index or key", id="out of range"),
        pytest.param("std::bad_function_call", "empty std::function", id="an empty callback"),
        pytest.param("std::bad_weak_ptr: bad_weak_ptr", "nobody owns", id="a dead owner"),
        pytest.param("game::ShopError: no stock of bad_alloc", "game::ShopError", id="a type of the program"),
    ],
)
def test_an_exception_is_named_by_its_type(message: str, words: str) -> None:
    found = of_stack(*STACK, kind="cpp_exception", address=None, message=message)
    assert words in found.hypothesis
    assert message in found.hypothesis


def test_what_a_text_mentions_is_not_the_type() -> None:
    found = of_stack(*STACK, kind="cpp_exception", address=None, message="game::ShopError: no bad_alloc here")
    assert "it means" not in found.hypothesis


def waiting(identifier: str, *names: str, is_crashed: bool = False) -> Thread:
    frames = tuple(Frame(index=index, function=name) for index, name in enumerate(names))
    return Thread(id=identifier, name=f"worker-{identifier}", is_crashed=is_crashed, frames=frames)


def test_a_deadlock_names_the_waiting_thread_its_lock_and_who_waits_too() -> None:
    threads = (
        waiting("7", "__lll_lock_wait", "pthread_mutex_lock", "Shop::sell", "main", is_crashed=True),
        waiting("8", "__lll_lock_wait", "pthread_mutex_lock", "Bag::take", "main"),
        waiting("9", "epoll_wait", "Net::poll"),
    )
    found = of(Crash(format="gdb", exception=CrashException(kind="deadlock"), threads=threads))
    assert ("deadlock", "critical") == (found.category, found.severity)
    for words in ("worker-7", "Shop::sell", "__lll_lock_wait", "worker-8 in Bag::take"):
        assert words in found.hypothesis
    assert "worker-9" not in found.hypothesis


def test_a_frozen_loop_is_no_lock() -> None:
    found = of_stack(*STACK, kind="deadlock", address=None, message="hangs for 60000 ms")
    assert "hang" == found.category
    assert "hangs for 60000 ms" in found.hypothesis


@pytest.mark.parametrize(
    ("code", "category", "severity"),
    [
        ("heap-use-after-free", "use after free", "critical"),
        ("heap-buffer-overflow", "buffer overflow", "critical"),
        ("double-free", "double free", "critical"),
        ("memory-leaks", "memory leak", "medium"),
        ("data-race", "data race", "high"),
        ("alloc-dealloc-mismatch", "invalid free", "critical"),
        ("signed-integer-overflow", "undefined behaviour", "high"),
        ("dynamic-type-mismatch", "undefined behaviour", "high"),
        ("use-of-uninitialized-value", "uninitialised memory", "high"),
    ],
)
def test_a_sanitizer_names_the_category(code: str, category: str, severity: str) -> None:
    found = of_stack(*STACK, kind="sanitizer", address=None, code=code)
    assert (category, severity) == (found.category, found.severity)


def test_a_use_after_free_tells_who_freed_and_who_allocated() -> None:
    threads = (
        waiting("0", "Bag::take", "main", is_crashed=True),
        Thread(
            id="0#1",
            name="freed by",
            frames=(Frame(index=0, function="operator delete(void*)"), Frame(index=1, function="Shop::close")),
        ),
        Thread(
            id="0#2",
            name="allocated by",
            frames=(Frame(index=0, function="malloc"), Frame(index=1, function="Shop::open")),
        ),
    )
    found = of(
        Crash(format="x", exception=CrashException(kind="sanitizer", code="heap-use-after-free"), threads=threads)
    )
    assert "freed in Shop::close" in found.hypothesis
    assert "allocated in Shop::open" in found.hypothesis


@pytest.mark.parametrize(
    ("message", "category", "severity"),
    [
        ("free(): double free detected in tcache 2", "heap corruption", "critical"),
        ("corrupted size vs. prev_size", "heap corruption", "critical"),
        ("*** stack smashing detected ***: terminated", "buffer overflow", "critical"),
        ("pure virtual method called", "abort", "high"),
        ("giving up", "abort", "high"),
    ],
)
def test_last_words_tell_why_a_process_ended_itself(message: str, category: str, severity: str) -> None:
    found = of_stack(*STACK, kind="abort", address=None, message=message)
    assert (category, severity) == (found.category, found.severity)
    assert message in found.hypothesis


def test_without_symbols_the_advice_is_to_get_them() -> None:
    thread = Thread(id="1", is_crashed=True, frames=(Frame(index=0, module="relay.exe", offset=0x1234),))
    found = of(Crash(format="x", exception=CrashException(kind="access_violation"), threads=(thread,), build="r12"))
    assert 1 == len(found.suggestions)
    assert "symbols of build r12" in found.suggestions[0]


@pytest.mark.parametrize("kind", typing.get_args(Kind))
@pytest.mark.parametrize("stack", [STACK, ()], ids=["a stack", "no stack"])
def test_every_kind_is_explained_with_reasons(kind: str, stack: tuple[str, ...]) -> None:
    found = of_stack(*stack, kind=kind, address=None)
    assert found.hypothesis.endswith(".")
    assert all("because" in text for text in found.suggestions)
    assert {"severity", "category"} <= {reason.partition(" ")[0] for reason in found.reasons}
