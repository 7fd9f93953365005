"""Grouping a stream: the first crash of a defect teaches it, later ones are placed."""

from dataclasses import replace

import pytest
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


def mixed(*names: str, build: str | None = None) -> Crash:
    """Return a crash whose frames are functions, or modules with an offset: ``game+10``."""
    frames = []
    for index, name in enumerate(names):
        module, _, offset = name.partition("+")
        symbol = Frame(index=index, function=name, file=f"{name}.cpp", line=3)
        frames.append(Frame(index=index, module=module, offset=int(offset, 16)) if offset else symbol)
    return replace(crash(), build=build, threads=(Thread(id="1", is_crashed=True, frames=tuple(frames)),))


def test_a_function_below_an_offset_does_not_make_it_known_in_another_build() -> None:
    one, other = (mixed("game+10", "Shop::sell", "main", build=build) for build in ("abc", "def"))
    assert [("new", 1), ("new", 2), ("key", 1)] == places(one, other, one)
    assert [("needs_symbols", None)] == places(mixed("game+10", "Shop::sell", "main"))


def test_a_report_of_unknown_build_is_not_put_to_a_known_one() -> None:
    offsets = ("game+10", "game+20", "game+30", "game+40")
    known, unknown = mixed(*offsets, build="abc"), mixed(*offsets)
    assert [("new", 1), ("new", 2), ("new", 3)] == places(known, mixed(*offsets, build="def"), unknown)


def test_without_a_build_every_offset_of_the_stack_must_be_equal() -> None:
    one, other = mixed("game+10", "game+20", "game+30", "game+40"), mixed("game+10", "game+20", "game+30", "game+41")
    assert [("new", 1), ("new", 2), ("key", 1)] == places(one, other, one)


def test_offsets_of_the_callers_say_nothing_across_builds() -> None:
    one = mixed("Bag::take", "Shop::sell", "game+20", build="abc")
    assert [("new", 1), ("key", 1)] == places(one, mixed("Bag::take", "Shop::sell", "game+99", build="def"))


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_defects_that_share_all_below_a_dispatch_loop_stay_apart(depth: int) -> None:
    tail = ("Unit::Update", "Map::Update", "MapUpdater::WorkerThread", "World::Update", "main")
    shared = tuple(f"Creature::step{number}" for number in range(depth))
    both = [crash(name, *shared, *tail) for name in ("Aura::tick", "Loot::roll")]
    assert [("new", 1), ("new", 2)] == places(*both)


def test_two_programs_can_each_have_a_function_of_one_name() -> None:
    one, other = crash("usage@bag.c:3", "main@bag.c:9"), crash("usage@shop.c:4", "main@shop.c:8")
    assert [("new", 1), ("new", 2)] == places(one, other)


def test_a_stack_without_files_fits_the_one_with_files() -> None:
    assert [("new", 1), ("rule", 1)] == places(crash("usage@bag.c:3", "run@bag.c:9"), crash("usage", "run"))


def test_a_lambda_is_code_of_the_function_around_it() -> None:
    shown = crash("Bag::sum()::{lambda(int)#1}::operator()(int) const", "Pool::each", "Bag::sum", "Shop::close")
    assert [("new", 1), ("key", 1)] == places(shown, crash("Bag::sum", "Shop::close"))


@pytest.mark.parametrize(
    "template",
    [
        "Pool<Coin>::each<Bag::sum()::{lambda(Coin*)#1}>(Bag::sum()::{lambda(Coin*)#1})",
        "Pool<Coin>::each<Bag::sum()::<lambda(Coin*)> >(Bag::sum()::<lambda(Coin*)>)",
        "void Pool<Coin>::each<Bag::sum(int, char**)::$_0>(Bag::sum(int, char**)::$_0)",
    ],
)
def test_a_template_made_for_a_lambda_is_code_of_the_function_around_it(template: str) -> None:
    assert [("new", 1), ("key", 1)] == places(
        crash("Bag::sum", "Shop::close"), crash(template, "Bag::sum", "Shop::close")
    )


def test_the_assertions_of_two_classes_are_told_apart_but_a_bare_name_fits() -> None:
    failed = {"kind": "assertion", "message": "m_map"}
    stacks = (crash("Bag::Update", "Shop::run", **failed), crash("Tent::Update", "Shop::run", **failed))
    assert [("new", 1), ("new", 2)] == places(*stacks)
    assert [("new", 1), ("rule", 1)] == places(crash("Update", **failed), stacks[0])


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
