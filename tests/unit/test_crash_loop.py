"""Crash loops: the same defect again soon after each start."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.core import crash_loop

AT = datetime(2026, 11, 21, 3, 41, tzinfo=UTC)


def times(*minutes: float) -> list[datetime]:
    return [AT + timedelta(minutes=minute) for minute in minutes]


@pytest.mark.parametrize(
    ("minutes", "count"),
    [
        pytest.param((0, -5, -10), 3, id="three in ten minutes"),
        pytest.param((0, 14, 28, 42), 4, id="each soon after the one before, however long it goes on"),
        pytest.param((0, 0, 0), 3, id="at the same second"),
        pytest.param((0, -5, -300, -600), None, id="two are chance"),
        pytest.param((0, -20, -40, -60), None, id="too far apart"),
        pytest.param((0, -60, -61, -62), None, id="a loop that the crash is not part of"),
    ],
)
def test_a_loop_is_three_crashes_each_soon_after_the_other(minutes: tuple[float, ...], count: int | None) -> None:
    found = crash_loop.find(times(*minutes), AT)
    assert count == (found.count if found else None)


def test_a_loop_says_when_it_began_and_ended() -> None:
    found = crash_loop.find(times(0, -5, 7), AT)
    assert found is not None
    assert (AT - timedelta(minutes=5), AT + timedelta(minutes=7)) == (found.first, found.last)
