"""Two rounds of `python -m tests.kills`, and an end in order amid a compilation: the fix comes to its draft."""

import time
from collections.abc import Iterator

import pytest

from tests.kills import field, rounds
from tests.kills.field import Field


@pytest.fixture(scope="module")
def place(build_tools: None) -> Iterator[Field]:
    with field.opened() as opened:
        yield opened


@pytest.mark.parametrize(("victim", "state"), [("runner", "COMPILING"), ("up", "TESTING")])
def test_a_fix_survives_what_works_on_it(place: Field, victim: str, state: str) -> None:
    row = rounds.run(place, victim, state)
    assert row.is_right, row
    assert ("AWAITING_APPROVAL", 1) == (row.end, row.pull_requests), row


def test_an_end_in_order_gives_the_fix_back_and_the_next_start_takes_it_up(place: Field) -> None:
    if place.up is None:
        place.start()
    place.clear()
    place.crash()
    assert rounds._wait_for(place, "COMPILING")
    place.end()
    assert [] == list(place.marked())
    place.postgres.start()
    query = "SELECT state, lease_until IS NULL, stalls FROM fix"
    assert [("COMPILING", True, 0)] == place.ask(query)
    place.start()
    started = time.monotonic()
    while place.ask("SELECT 1 FROM fix WHERE taken_up < 2"):
        assert time.monotonic() - started < 60, place.ask(query)
        time.sleep(0.5)
    row = rounds._end(place, rounds.Row(victim="up", state="COMPILING"))
    assert "AWAITING_APPROVAL" == row.end, row
    runs = place.ask("SELECT count(*) FROM transition WHERE entity = 'fix' AND flow_run_id IS NULL")
    assert [(0,)] == runs
