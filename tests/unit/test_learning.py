"""What later crashes teach of a defect, and what they don't."""

import pytest

from tasks.core import learning

FIRST = ("Shop::Sell", "Shop::Open", "Market::Trade", "Market::Day", "Chance::One")


def stack(*more: str) -> tuple[str, ...]:
    return (*FIRST[:4], *more)


def test_names_that_most_stacks_lack_are_forgotten() -> None:
    assert FIRST[:4] == learning.sharpened(FIRST, [FIRST, stack("Chance::Two"), stack("Chance::Three")])


def test_names_that_most_stacks_hold_are_learned() -> None:
    found = learning.sharpened(FIRST, [FIRST, stack("Guild::Tax"), stack("Guild::Tax", "X::x")])
    assert stack("Guild::Tax") == found


@pytest.mark.parametrize(
    "stacks",
    [
        [],
        [FIRST, FIRST, FIRST],
        [FIRST, stack("A::a")],
        [FIRST, stack("A::a"), ("Other::Place", *FIRST)],
        [FIRST, (FIRST[0], "A::a", "B::b"), (FIRST[0], "C::c", "D::d")],
    ],
    ids=["nothing", "equal stacks", "two stacks", "another place", "too little in common"],
)
def test_a_shape_stays_without_enough_to_learn_from(stacks: list[tuple[str, ...]]) -> None:
    assert FIRST == learning.sharpened(FIRST, stacks)


def test_the_place_comes_first_and_no_more_than_ten_names_follow() -> None:
    long = tuple(f"N{number}::f" for number in range(14))
    found = learning.sharpened(long[:10], [long, (*long, "A::a"), (long[0], *reversed(long[1:10]))])
    assert (10, "N0::f") == (len(found), found[0])


@pytest.mark.parametrize(
    ("crashes", "learned_of", "is_due"), [(4, 0, False), (5, 0, True), (24, 5, False), (25, 5, True)]
)
def test_lessons_come_at_five_crashes_and_then_ever_more_seldom(crashes: int, learned_of: int, is_due: bool) -> None:
    assert is_due == learning.is_due(crashes, learned_of)
