"""Grouping a stream: the first crash of a defect teaches it, later ones are placed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tasks.clients.knowledge import stack_lists
from tasks.core import matching, signature
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.grouping import Grouping
from tasks.core.matching import Placement
from tests.unit.crashes import crash

LISTS = stack_lists()


def place(grouping: Grouping, crashed: Crash) -> Placement:
    result = signature.generate(crashed, LISTS)
    return grouping.place(matching.shape(result), matching.keys(crashed, result))


def places(*crashes: Crash) -> list[tuple[str, int | None]]:
    grouping = Grouping()
    placed = [place(grouping, each) for each in crashes]
    return [(each.how, each.defect_id) for each in placed]


def unsymbolised(offset: int, build: str | None) -> Crash:
    frames = (Frame(index=0, module="worldserver", offset=offset),)
    return replace(crash(), build=build, threads=(Thread(id="1", is_crashed=True, frames=frames),))


def test_the_same_stack_again_is_known_by_its_key() -> None:
    one = crash("Bag::take@Bag.cpp:12", "Shop::sell")
    moved = crash("Bag::take(int)@/build/Bag.cpp:99", "Shop::sell(Bag*)")
    assert [("new", 1), ("key", 1)] == places(one, moved)


def test_a_like_stack_is_known_by_the_rule_and_then_by_its_own_key() -> None:
    one = crash("Bag::take", "Shop::sell", "Shop::run", "Town::walk")
    like = crash("Bag::take", "Shop::sell", "Shop::run", "Town::ride")
    assert [("new", 1), ("rule", 1), ("key", 1)] == places(one, like, like)


def test_another_location_is_a_new_group() -> None:
    assert [("new", 1), ("new", 2)] == places(crash("Bag::take", "Shop::sell"), crash("Shop::sell", "Shop::run"))


def test_without_symbols_only_the_same_build_and_offset_are_put_together() -> None:
    first, again = unsymbolised(0x10, "abc"), unsymbolised(0x10, "abc")
    assert [("new", 1), ("key", 1), ("new", 2), ("new", 3)] == places(
        first, again, unsymbolised(0x10, "def"), unsymbolised(0x20, "abc")
    )


def test_without_symbols_and_build_a_crash_is_in_no_group() -> None:
    assert [("needs_symbols", None)] * 2 == places(unsymbolised(0x10, None), unsymbolised(0x10, None))


def test_a_crash_without_a_stack_is_in_no_group() -> None:
    assert [("needs_symbols", None)] * 2 == places(crash(), crash("??", "raise", "_start"))


def test_gdb_and_a_sanitizer_give_one_program_one_group() -> None:
    debugger = crash("__memmove_avx", "Bag::take@bag.cpp:7", "(anonymous namespace)::sell", "main@bag.cpp:9")
    sanitizer = crash(
        "__asan_memcpy",
        "Bag::take(int)@/src/bag.cpp:7",
        "(anonymous namespace)::sell(Bag*)",
        "main@/src/bag.cpp:9",
        "__libc_start_main",
        kind="sanitizer",
    )
    assert [("new", 1), ("key", 1)] == places(debugger, sanitizer)


@given(st.permutations([crash("A::f", "B::g"), crash("C::f", "B::g"), crash("D::f"), crash("A::f", "B::g", "main")]))
def test_distinct_defects_are_told_apart_in_any_order(order: list[Crash]) -> None:
    assert {1, 2, 3} == {number for _, number in places(*order)}
