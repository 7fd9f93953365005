"""The way of a fix by step: what its programs took, and what is ours."""

from datetime import UTC, datetime, timedelta

from tasks.core import timeline

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STATES = ("FIX_GENERATED", "APPLYING_FIX", "COMPILING", "TESTING", "PR_CREATED", "AWAITING_APPROVAL")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_programs_of_the_gates_are_taken_from_the_steps_in_which_they_ran() -> None:
    states = [(state, at(second)) for state, second in zip(STATES, (2, 4, 5, 35, 50, 51), strict=True)]
    gates = {"rules": 0.0, "configure": 4, "syntax": 1, "compile": 24, "tests": 5, "replay": 8}
    parts = timeline.steps({"detected": at(0), "stored": at(1)}, states, gates)
    assert [1, 1, 2, 1, 30, 15, 1] == [part.seconds for part in parts]
    assert [0, 0, 0, 0, 29, 13, 0] == [part.program_seconds for part in parts]
    whole = timeline.total(parts)
    assert (51, 42, 9) == (whole.seconds, whole.program_seconds, whole.own_seconds)


def test_of_a_second_attempt_the_last_times_count() -> None:
    states = [("APPLYING_FIX", at(1)), ("COMPILING", at(2)), ("APPLYING_FIX", at(100)), ("COMPILING", at(103))]
    (part,) = timeline.steps({}, states, {})
    assert ("propose, check the rules, apply", 3) == (part.name, part.seconds)


def test_what_is_not_reached_yet_or_makes_no_sense_is_left_out() -> None:
    assert () == timeline.steps({"detected": at(5), "stored": at(1)}, [("FIX_GENERATED", at(0))], {})
    (part,) = timeline.steps({"detected": at(0), "stored": at(1)}, [], {"compile": 99})
    assert 1 == part.seconds
