"""The 60% rule: what matches a pattern, what is one defect, and which evidence is shown."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.clients.knowledge import pattern_packs, stack_lists
from tasks.core import crash_json, matching, signature
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.matching import CompiledPattern, PatternIndex, Shape
from tasks.core.patterns import Pattern
from tests.unit.crashes import crash
from tests.unit.test_signature import NULL_SOCKET


def pattern(slug: str = "bag", location: str = r"Bag\.cpp:", stack: tuple[str, ...] = ("Bag::", "Shop::")) -> Pattern:
    return Pattern(
        slug=slug,
        version=1,
        title="t",
        location=location,
        stack=stack,
        severity="high",
        category="c",
        root_cause="r",
    )


def best(crashed: Crash, *patterns: Pattern) -> matching.PatternMatch | None:
    return matching.best_pattern(crashed, signature.generate(crashed, stack_lists()), PatternIndex(patterns))


def test_the_evidence_says_which_expression_hit_which_frame() -> None:
    match = best(crash("Bag::take@Bag.cpp:12", "Shop::sell", "main"), pattern(stack=("Bag::take", "Shop::", "Bank::")))
    assert match is not None
    assert ["Bag::take", "Shop::"] == [hit.expression for hit in match.matched]
    assert [0, 1] == [hit.frame_index for hit in match.matched]
    assert (("Bank::",), "Bag.cpp:12") == (match.missing, match.location)
    assert 2 / 3 == pytest.approx(match.score)


@pytest.mark.parametrize(
    ("found", "wanted", "is_match"),
    [(3, 5, True), (2, 4, False), (1, 2, False), (2, 3, True), (1, 1, True), (0, 1, False)],
)
def test_sixty_percent_of_the_expressions_must_be_found(found: int, wanted: int, is_match: bool) -> None:
    stack = tuple("Bag::" if number < found else f"missing{number}" for number in range(wanted))
    assert is_match == (best(crash("Bag::take@Bag.cpp:12"), pattern(stack=stack)) is not None)


def test_the_location_must_match_whatever_the_stack_says() -> None:
    assert best(crash("Shop::sell@Shop.cpp:1", "Bag::take@Bag.cpp:12"), pattern()) is None


def test_a_location_expression_finds_the_function_as_well() -> None:
    assert best(crash("Bag::take"), pattern(location="^Bag::take$", stack=("Bag::",))) is not None


def test_a_pattern_may_be_limited_to_kinds() -> None:
    limited = pattern(stack=("Bag::",)).model_copy(update={"kinds": ("assertion",)})
    assert best(crash("Bag::take@Bag.cpp:12"), limited) is None


def test_of_equal_scores_more_expressions_win_and_then_the_older() -> None:
    crashed = crash("Bag::take@Bag.cpp:12", "Shop::sell")
    few, many, late = pattern("few", stack=("Bag::",)), pattern("many"), pattern("late")
    match = best(crashed, few, many, late)
    assert match is not None
    assert "many" == match.pattern.slug


@pytest.mark.parametrize(
    "renamed", ["CloseSocket", "UpdateSessions", "WorldSession::Update", "World::UpdateSessions", r"\bUpdate\b"]
)
def test_the_null_socket_is_known_when_one_function_has_another_name(renamed: str) -> None:
    shipped = [pattern for pack in pattern_packs() for pattern in pack.patterns]
    stack = (*NULL_SOCKET[:4], "World::Update@src/server/game/World/World.cpp:99", "main")
    last = renamed.strip("\\b").rpartition("::")[2]
    match = best(crash(*(re.sub(rf"\b{last}\b", "Renamed", text) for text in stack)), *shipped)
    assert match is not None
    assert "null-socket" == match.pattern.slug


def shape(*names: str, location: str | None = None, assertion: str | None = None) -> Shape:
    return Shape(location=location or names[0], in_app=names, assertion=assertion)


def test_the_share_must_hold_both_ways() -> None:
    short, long = shape("A::f"), shape("A::f", "B::g", "C::h")
    assert 1 / 3 == pytest.approx(matching.similarity(short, long)) == pytest.approx(matching.similarity(long, short))


def test_another_location_is_another_defect() -> None:
    tail = ("Map::f", "Grid::g", "Cell::h", "World::i")
    assert 0 == matching.similarity(shape("A::f", *tail), shape("B::f", *tail))


def test_another_assertion_is_another_defect() -> None:
    assert 0 == matching.similarity(shape("A::f", assertion="x > N"), shape("A::f", assertion="y"))


def test_the_best_candidate_is_chosen_and_the_older_of_equals() -> None:
    ours = shape("A::f", "B::g", "C::h")
    candidates = [(7, shape("A::f", "B::g")), (8, shape("A::f", "B::g", "C::h")), (9, shape("A::f", "B::g", "C::h"))]
    placed = matching.place(ours, candidates)
    assert (8, "rule") == (placed.defect_id, placed.how)


def test_nothing_in_common_is_new() -> None:
    assert "new" == matching.place(shape("A::f", "B::g", "C::h"), [(1, shape("A::f", "X::x", "Y::y"))]).how


def test_a_crash_without_a_location_is_like_no_defect() -> None:
    nothing = Shape(location=None, in_app=())
    assert 0 == matching.similarity(nothing, nothing)


def test_module_and_offset_are_a_key_only_with_the_build() -> None:
    frame = Frame(index=0, module="worldserver", offset=0x10)
    bare = replace(crash(), threads=(Thread(id="1", is_crashed=True, frames=(frame,)),))
    lists = stack_lists()
    assert () == matching.keys(bare, signature.generate(bare, lists))
    known = replace(bare, build="abc")
    assert ["abc:worldserver+0x10"] == [key.value for key in matching.keys(known, signature.generate(known, lists))]


def test_a_short_stack_may_miss_a_frame_but_not_replace_it() -> None:
    ours = shape("A::f", "B::g", "C::h")
    assert 2 / 3 == pytest.approx(matching.similarity(ours, shape("A::f", "C::h")))
    assert 0 == matching.similarity(ours, shape("A::f", "X::x", "C::h"))


def test_where_the_caller_is_the_same_the_top_three_are_enough() -> None:
    """Below, one tool shows inlined frames that the other lacks."""
    ours = shape("A::f", "B::g", "C::h", "D::i", "E::j")
    assert matching.similarity(ours, shape("A::f", "B::g", "X::x", "Y::y")) >= matching.DEFECT_THRESHOLD
    assert matching.similarity(ours, shape("A::f", "X::x", "B::g", "Y::y")) < matching.DEFECT_THRESHOLD


def test_two_defects_below_one_dispatch_loop_stay_apart() -> None:
    lists = stack_lists()
    loop = ("Creature::Update", "Map::Update", "MapUpdater::WorkerThread", "World::Update", "main")
    one, other = (matching.shape(signature.generate(crash(name, *loop), lists)) for name in ("Bag::take", "Shop::sell"))
    assert 0 == matching.similarity(one, other)


def test_an_assertion_without_a_stack_is_the_one_with_a_stack() -> None:
    """GCC does not qualify the asserting function, MSVC does; a log holds the assertion alone."""
    lists = stack_lists()
    failed = {"kind": "assertion", "message": "m_bag"}
    log = matching.shape(signature.generate(crash("GetBag@Bag.h:517", **failed), lists))
    stack = matching.shape(
        signature.generate(crash("Player::GetBag@Bag.h:534", "Shop::sell", "Shop::run", **failed), lists)
    )
    assert matching.similarity(log, stack) >= matching.DEFECT_THRESHOLD


def test_three_offsets_are_a_key_where_the_build_is_not_stated() -> None:
    def key(*offsets: int) -> list[str]:
        frames = tuple(Frame(index=i, module="game", offset=offset) for i, offset in enumerate(offsets))
        bare = replace(crash(), threads=(Thread(id="1", is_crashed=True, frames=frames),))
        return [each.value for each in matching.keys(bare, signature.generate(bare, stack_lists()))]

    assert ["game+0x10 game+0x20 game+0x30"] == key(0x10, 0x20, 0x30)
    assert [] == key(0x10, 0x20)


def test_a_stack_of_libraries_alone_is_known_within_one_build() -> None:
    lists = stack_lists()
    bare = crash("RtlLockHeap", "HeapFree", "free")
    assert () == matching.keys(bare, signature.generate(bare, lists))
    known = replace(bare, build="abc")
    assert ["library_stack"] == [key.kind for key in matching.keys(known, signature.generate(known, lists))]


def test_of_two_short_stacks_the_third_name_tells_the_defects_apart() -> None:
    assert 0 == matching.similarity(shape("A::fail", "A::panic", "B::g"), shape("A::fail", "A::panic", "C::h"))


def test_a_bare_name_fits_a_qualified_one() -> None:
    """Symbolisers leave static and inlined functions unqualified."""
    debugger, sanitizer = shape("A::f", "game::sell", "C::h"), shape("A::f", "sell", "C::h")
    assert 1 == matching.similarity(debugger, sanitizer) == matching.similarity(sanitizer, debugger)
    assert 0 == matching.similarity(shape("A::f", "game::sell"), shape("A::f", "game::buy"))


FRAMES = ("Bag::take@Bag.cpp:12", "Shop::sell@Shop.cpp:3", "Bank::pay", "World::Update@World.cpp:9", "main")
LOCATIONS = st.sampled_from(["Bag", "^Bag::take$", r"Bag\.cpp", "Shop", r"Bag\.cpp:12$", "take$", "x", "Bank", ""])
STACKS = st.lists(st.sampled_from(["Bag", "Shop::", r"World\.cpp", "Bank", "main", "never", "take"]), min_size=1)
KINDS = st.sampled_from([("access_violation",), ("assertion",), ("deadlock", "access_violation")])


@given(st.lists(st.tuples(LOCATIONS, STACKS, KINDS), max_size=12), st.integers(0, 4))
def test_the_index_answers_as_a_scan_of_all_patterns(
    drawn: list[tuple[str, list[str], tuple[str, ...]]], top: int
) -> None:
    patterns = [
        pattern(f"p{number}", stack=tuple(stack)).model_copy(update={"location": location, "kinds": kinds})
        for number, (location, stack, kinds) in enumerate(drawn)
    ]
    crashed = crash(*FRAMES[top:])
    location = crashed.frames[0]
    scanned = [match for each in patterns if (match := CompiledPattern(pattern=each).match(crashed, location))]
    ranked = sorted(
        (match for match in scanned if match.is_match), key=lambda match: (-match.score, -len(match.pattern.stack))
    )
    assert ranked == PatternIndex(patterns).matches(crashed, location)


def test_of_a_failed_assertion_the_condition_is_a_place_as_well() -> None:
    """Two checks of one function are two defects."""
    about = pattern(location=r"^Bag::take: m_owner$", stack=("Bag::",))
    assert best(crash("Bag::take", kind="assertion", message="m_owner"), about) is not None
    assert best(crash("Bag::take", kind="assertion", message="m_size"), about) is None
    assert best(crash("Bag::take", kind="access_violation", message="m_owner"), about) is None


def freeze(*others: tuple[str, ...]) -> Crash:
    watchdog = crash("Watchdog::bark@Main.cpp:4", "main", kind="deadlock")
    threads = tuple(
        Thread(id=str(number), frames=crash(*functions).frames) for number, functions in enumerate(others, start=2)
    )
    return replace(watchdog, threads=(*watchdog.threads, *threads))


FREEZE = pattern(stack=("lock_wait", "World::Update")).model_copy(update={"location": "", "kinds": ("deadlock",)})


def test_of_a_freeze_every_thread_is_searched() -> None:
    match = best(freeze(("cond_wait", "Pool::work"), ("lock_wait", "Bag::take", "World::Update")), FREEZE)
    assert match is not None
    assert [("3", 0), ("3", 2)] == [(hit.thread, hit.frame_index) for hit in match.matched]


def test_the_evidence_names_the_thread_where_it_is_not_the_crashing_one() -> None:
    match = best(freeze(("lock_wait", "Bag::take", "World::Update")), FREEZE)
    assert match is not None
    assert ["2", "2"] == [hit["thread"] for hit in crash_json.match_json(match)["matched"]]


def test_what_two_threads_show_is_not_added_up() -> None:
    assert best(freeze(("lock_wait", "Pool::work"), ("Bag::take", "World::Update")), FREEZE) is None


def test_of_any_other_crash_the_crashing_thread_alone_counts() -> None:
    frozen = freeze(("lock_wait", "World::Update"))
    died = replace(frozen, exception=replace(frozen.exception, kind="access_violation"))
    assert best(died, FREEZE.model_copy(update={"kinds": ("access_violation",)})) is None


def test_names_that_are_no_text_are_searched_all_the_same() -> None:
    assert best(crash("Bag::t\udce9ke@Bag.cpp:1", "Shop::sell"), pattern()) is not None


@pytest.mark.parametrize(
    ("functions", "exception"),
    [
        pytest.param(("Map::getNGrid@src/Maps/Map.h:686",), {}, id="Map.h:686 is another file"),
        pytest.param(("Spell::~Spell@Spell.cpp:698", "PetAI::UpdateAI"), {}, id="a spell that is freed twice"),
        pytest.param(
            ("AuraApplication::_HandleEffect@SpellAuras.cpp:168",),
            {"kind": "assertion", "message": "aurEff"},
            id="another assertion of the same function",
        ),
        pytest.param(
            ("WorldSession::HandleLootOpcode@WorldSession.cpp:9", "World::UpdateSessions", "World::Update"),
            {},
            id="a handler of a packet",
        ),
        pytest.param(("std::less::operator()@stl_function.h:386",), {}, id="a library's frame alone"),
        pytest.param(("Object::GetGuidValue@Object.cpp:1", "Chat::Say", "Engine::DoNextAction"), {}, id="an accessor"),
    ],
)
def test_what_is_near_a_pattern_is_not_of_it(functions: tuple[str, ...], exception: dict[str, str]) -> None:
    shipped = [each for pack in pattern_packs() for each in pack.patterns if each.slug != "grid-out-of-range"]
    assert best(crash(*functions, **exception), *shipped) is None
