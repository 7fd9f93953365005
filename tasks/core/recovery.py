"""What becomes of work whose worker is gone, decided from where a fix or a Prefect run stands; steps do it."""

from dataclasses import dataclass
from typing import Literal

STALLS_LIMIT = 5
"""So many runs in a row may take up a fix without bringing it further; then it fails instead of going round."""

PATIENCE_S = 90.0
"""A run that nobody speaks for may still be starting for so long."""

START_S = 10.0
"""So long a process may take to be seen by Prefect and by the system alike."""

Recovery = Literal["nothing", "start the fix", "start its publication", "fail", "release"]

_BUILDING = frozenset({"FIX_GENERATED", "APPLYING_FIX", "COMPILING", "TESTING"})


_ASKING = frozenset({"ANALYSIS_PENDING", "ANALYZING"})


@dataclass(frozen=True, kw_only=True)
class FixStanding:
    """
    Where an open fix stands.

    ``is_held`` says that a living run has it, ``has_lease`` that some run took it and did not give it back; ``stalls``
    counts the runs that took it up since it last came further. ``can_be_asked`` says that an analyst could go on with
    it now: there is one to be asked, or an answer that nobody has read.
    """

    state: str
    is_held: bool
    has_lease: bool
    has_commit: bool
    stalls: int
    can_be_asked: bool = False


def recovery_of(fix: FixStanding) -> Recovery:
    """
    Say what an open fix needs that no living run has.

    A proven commit is not built again: its publication is what is missing. A draft whose run ended before it told
    people is published once more, which changes nothing of it.
    """
    is_asked = fix.state in _ASKING and fix.can_be_asked
    is_on_its_way = fix.state in _BUILDING or fix.state == "PR_CREATED" or is_asked
    if fix.is_held or not (is_on_its_way or fix.has_lease):
        return "nothing"
    if not is_on_its_way:
        is_told = fix.state != "AWAITING_APPROVAL" or fix.stalls >= STALLS_LIMIT
        return "release" if is_told else "start its publication"
    if fix.stalls >= STALLS_LIMIT:
        return "fail"
    if fix.state == "PR_CREATED" or (fix.state == "TESTING" and fix.has_commit):
        return "start its publication"
    return "start the fix"


def failure_of(fix: FixStanding) -> str:
    """Return why a fix is not taken up any more."""
    return f"{fix.stalls} runs in a row ended without bringing it beyond {fix.state}; look at their logs"


@dataclass(frozen=True, kw_only=True)
class RunStanding:
    """
    A Prefect run that counts as going on, for ``seconds`` now.

    ``is_working`` says that its process renewed its lease in time; ``has_lost_lease`` that a process which had taken it
    up did not, or is known to be dead.
    """

    seconds: float
    is_working: bool
    has_lost_lease: bool


def death_of(run: RunStanding) -> str | None:
    """Return why a run that counts as going on is dead, None where it may live."""
    if run.is_working or run.seconds < START_S:
        return None
    if run.has_lost_lease:
        return "Its process is gone, and with it its lease."
    if run.seconds > PATIENCE_S:
        return f"No process has renewed its lease for {PATIENCE_S:.0f} s, so none works on it."
    return None
