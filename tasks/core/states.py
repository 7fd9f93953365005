"""The states of dumps, fixes and defects, and which may follow which. One function asks; the database layer obeys."""

from collections.abc import Mapping
from typing import Literal

from tasks.core.errors import TransitionError

Entity = Literal["dump", "fix", "defect"]

DUMP_STATES = ("CRASH_DETECTED", "PARSING", "PARSED", "FAILED")
FIX_STATES = (
    "ANALYSIS_PENDING",
    "ANALYZING",
    "FIX_GENERATED",
    "APPLYING_FIX",
    "COMPILING",
    "TESTING",
    "PR_CREATED",
    "AWAITING_APPROVAL",
    "APPROVED",
    "DEPLOYING",
    "DEPLOYED",
    "REJECTED",
    "FAILED",
)
DEFECT_STATES = ("open", "fixing", "verified", "regressed", "silenced")
FIX_STARTS = ("ANALYSIS_PENDING", "FIX_GENERATED")
FIX_ENDS = frozenset({"DEPLOYED", "REJECTED", "FAILED"})
"""A fix in one of these is closed: the defect may get another one, if something new speaks for it."""

FIX_APPROVED = frozenset({"APPROVED", "DEPLOYING", "DEPLOYED"})
FIX_DECIDED = FIX_APPROVED | {"REJECTED"}
"""States that follow a person's decision: no run of the way before it may change them."""

FIX_WAY = (
    "FIX_GENERATED",
    "APPLYING_FIX",
    "COMPILING",
    "TESTING",
    "PR_CREATED",
    "AWAITING_APPROVAL",
)
"""The way of a fix from its proposal to the person who decides, in order."""

_RETRY = frozenset({"ANALYSIS_PENDING", "FAILED"})
_ALLOWED: Mapping[Entity, Mapping[str, frozenset[str]]] = {
    "dump": {
        "CRASH_DETECTED": frozenset({"PARSING"}),
        "PARSING": frozenset({"PARSED", "FAILED", "CRASH_DETECTED"}),
        "PARSED": frozenset(),
        "FAILED": frozenset({"CRASH_DETECTED"}),
    },
    "fix": {
        "ANALYSIS_PENDING": frozenset({"ANALYZING", "FAILED"}),
        "ANALYZING": frozenset({"FIX_GENERATED", "FAILED"}),
        "FIX_GENERATED": frozenset({"APPLYING_FIX", "FAILED"}),
        "APPLYING_FIX": frozenset({"COMPILING"}) | _RETRY,
        "COMPILING": frozenset({"TESTING"}) | _RETRY,
        "TESTING": frozenset({"PR_CREATED"}) | _RETRY,
        "PR_CREATED": frozenset({"AWAITING_APPROVAL", "FAILED"}),
        "AWAITING_APPROVAL": frozenset({"APPROVED", "REJECTED", "ANALYSIS_PENDING", "FAILED"}),
        "APPROVED": frozenset({"DEPLOYING", "FAILED"}),
        "DEPLOYING": frozenset({"DEPLOYED", "FAILED"}),
        "DEPLOYED": frozenset(),
        "REJECTED": frozenset(),
        "FAILED": frozenset(),
    },
    "defect": {
        "open": frozenset({"fixing", "silenced"}),
        "fixing": frozenset({"open", "verified", "regressed", "silenced"}),
        "verified": frozenset({"regressed", "silenced"}),
        "regressed": frozenset({"fixing", "open", "silenced"}),
        "silenced": frozenset({"open"}),
    },
}


def check(entity: Entity, before: str | None, after: str) -> None:
    """
    Raise unless ``after`` may follow ``before``; None stands for an entity that is being created.

    Raises:
        TransitionError: it may not; the text names what may.
    """
    if before is None:
        starts = {"dump": ("CRASH_DETECTED",), "fix": FIX_STARTS, "defect": ("open",)}[entity]
        if after not in starts:
            raise TransitionError(f"A {entity} starts as {' or '.join(starts)}, not as {after}.")
        return
    allowed = _ALLOWED[entity].get(before)
    if allowed is None:
        raise TransitionError(f"{before} is no state of a {entity}.")
    if after not in allowed:
        choices = ", ".join(sorted(allowed)) or "nothing: it is final"
        raise TransitionError(f"A {entity} can't go from {before} to {after}; after {before} comes {choices}.")
