"""States: every pair of them is either allowed or raises."""

import itertools

import pytest

from tasks.core import states
from tasks.core.errors import TransitionError

ALLOWED_FIX_MOVES = {
    ("ANALYSIS_PENDING", "ANALYZING"),
    ("ANALYZING", "FIX_GENERATED"),
    ("FIX_GENERATED", "APPLYING_FIX"),
    ("APPLYING_FIX", "COMPILING"),
    ("COMPILING", "TESTING"),
    ("TESTING", "PR_CREATED"),
    ("PR_CREATED", "AWAITING_APPROVAL"),
    ("AWAITING_APPROVAL", "APPROVED"),
    ("AWAITING_APPROVAL", "REJECTED"),
    ("APPROVED", "DEPLOYING"),
    ("DEPLOYING", "DEPLOYED"),
    ("APPLYING_FIX", "ANALYSIS_PENDING"),
    ("COMPILING", "ANALYSIS_PENDING"),
    ("TESTING", "ANALYSIS_PENDING"),
    ("AWAITING_APPROVAL", "ANALYSIS_PENDING"),
} | {(state, "FAILED") for state in states.FIX_STATES if state not in states.FIX_ENDS}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(states.FIX_STATES, repeat=2)))
def test_a_fix_moves_as_designed_and_not_otherwise(before: str, after: str) -> None:
    if (before, after) in ALLOWED_FIX_MOVES:
        states.check("fix", before, after)
    else:
        with pytest.raises(TransitionError):
            states.check("fix", before, after)


@pytest.mark.parametrize("state", states.FIX_STATES)
def test_a_fix_starts_as_a_question_or_as_a_template(state: str) -> None:
    if state in ("ANALYSIS_PENDING", "FIX_GENERATED"):
        states.check("fix", None, state)
    else:
        with pytest.raises(TransitionError):
            states.check("fix", None, state)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(states.DUMP_STATES, repeat=2)))
def test_a_dump_moves_as_designed_and_not_otherwise(before: str, after: str) -> None:
    allowed = {
        ("CRASH_DETECTED", "PARSING"),
        ("PARSING", "PARSED"),
        ("PARSING", "FAILED"),
        ("PARSING", "CRASH_DETECTED"),
        ("FAILED", "CRASH_DETECTED"),
    }
    if (before, after) in allowed:
        states.check("dump", before, after)
    else:
        with pytest.raises(TransitionError):
            states.check("dump", before, after)


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(TransitionError, match="no state of a fix"):
        states.check("fix", "NONSENSE", "FAILED")
