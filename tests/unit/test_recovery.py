"""Recovery: what an open fix needs that no living run has, and which of Prefect's runs are dead."""

from dataclasses import replace

import pytest

from tasks.core import recovery, states
from tasks.core.recovery import FixStanding, RunStanding

LEFT = FixStanding(state="COMPILING", is_held=False, has_lease=True, has_commit=False, stalls=0)
RUN = RunStanding(seconds=30, is_working=False, has_lost_lease=False)


@pytest.mark.parametrize("state", states.FIX_STATES)
def test_a_fix_that_a_living_run_holds_is_left_alone(state: str) -> None:
    assert "nothing" == recovery.recovery_of(replace(LEFT, state=state, is_held=True, stalls=99))


@pytest.mark.parametrize(
    ("state", "has_commit", "needed"),
    [
        ("FIX_GENERATED", False, "start the fix"),
        ("APPLYING_FIX", False, "start the fix"),
        ("COMPILING", False, "start the fix"),
        ("TESTING", False, "start the fix"),
        ("TESTING", True, "start its publication"),
        ("PR_CREATED", True, "start its publication"),
    ],
)
@pytest.mark.parametrize("has_lease", [True, False])
def test_a_fix_on_its_way_goes_on_from_where_it_stands(
    state: str, has_commit: bool, needed: str, has_lease: bool
) -> None:
    left = replace(LEFT, state=state, has_commit=has_commit, has_lease=has_lease)
    assert needed == recovery.recovery_of(left)


def test_a_draft_whose_run_ended_before_it_told_people_is_published_once_more_and_an_old_one_is_not() -> None:
    draft = replace(LEFT, state="AWAITING_APPROVAL", has_commit=True)
    assert "start its publication" == recovery.recovery_of(draft)
    assert "nothing" == recovery.recovery_of(replace(draft, has_lease=False))
    assert "release" == recovery.recovery_of(replace(draft, stalls=recovery.STALLS_LIMIT))


def test_a_fix_that_waits_for_an_analyst_is_only_given_back() -> None:
    assert "release" == recovery.recovery_of(replace(LEFT, state="ANALYSIS_PENDING"))
    assert "nothing" == recovery.recovery_of(replace(LEFT, state="ANALYSIS_PENDING", has_lease=False))


def test_a_fix_that_runs_take_up_again_and_again_without_bringing_it_further_fails_with_a_reason() -> None:
    assert "start the fix" == recovery.recovery_of(replace(LEFT, stalls=recovery.STALLS_LIMIT - 1))
    stalled = replace(LEFT, stalls=recovery.STALLS_LIMIT)
    assert "fail" == recovery.recovery_of(stalled)
    assert "5 runs in a row ended without bringing it beyond COMPILING" in recovery.failure_of(stalled)


@pytest.mark.parametrize(
    ("run", "is_dead"),
    [
        pytest.param(RUN, False, id="a run that may still start lives"),
        pytest.param(replace(RUN, has_lost_lease=True), True, id="a run whose process died is dead"),
        pytest.param(replace(RUN, has_lost_lease=True, seconds=5), False, id="a run that began anew just now may live"),
        pytest.param(replace(RUN, seconds=91), True, id="a run that nobody spoke for in time is dead"),
        pytest.param(replace(RUN, seconds=9999, is_working=True), False, id="a lease is life"),
        pytest.param(replace(RUN, is_working=True, has_lost_lease=True), False, id="a lease from elsewhere is life"),
    ],
)
def test_a_run_is_dead_when_neither_process_nor_lease_speaks_for_it(run: RunStanding, is_dead: bool) -> None:
    assert is_dead == (recovery.death_of(run) is not None)
