"""
How long a fix was on its way from its dump to its draft, by step, and how much of that its programs took.

The rest is ours: reading, deciding, writing, and waiting for a turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

STEPS = (
    ("read the dump, place its crash", "detected", "stored"),
    ("choose the route", "stored", "FIX_GENERATED"),
    ("start a run", "FIX_GENERATED", "APPLYING_FIX"),
    ("propose, check the rules, apply", "APPLYING_FIX", "COMPILING"),
    ("compile", "COMPILING", "TESTING"),
    ("test, analyse, replay, commit, start a run, push", "TESTING", "PR_CREATED"),
    ("open the draft", "PR_CREATED", "AWAITING_APPROVAL"),
)
"""What happens between two moments: of the dump, of its crash, of the states of its fix."""

_PROGRAMS = {
    "COMPILING": ("configure", "syntax", "compile"),
    "TESTING": ("tests", "static analysis", "replay"),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its seconds, and how many of them the compiler, the tests and other programs of the gates took."""

    name: str
    seconds: float
    program_seconds: float = 0.0

    @property
    def own_seconds(self) -> float:
        """What is left when the programs are taken away."""
        return max(0.0, self.seconds - self.program_seconds)


def steps(
    moments: Mapping[str, datetime], states: Sequence[tuple[str, datetime]], gates: Mapping[str, float]
) -> tuple[Step, ...]:
    """
    Return the steps that a fix has behind it.

    ``moments`` are when the dump was ``detected`` and its crash ``stored``; ``states`` those of the fix with their
    times, in order: of a state that was reached twice the last time counts, as of a second attempt. ``gates`` are
    seconds by gate. A step that would begin after its end, as of a crash stored by older rules, is left out.
    """
    reached = dict(moments) | dict(states)
    found = []
    for name, start, end in STEPS:
        if start in reached and end in reached and reached[start] <= reached[end]:
            seconds = (reached[end] - reached[start]).total_seconds()
            programs = sum(gates.get(gate, 0.0) for gate in _PROGRAMS.get(start, ()))
            found.append(Step(name=name, seconds=seconds, program_seconds=min(programs, seconds)))
    return tuple(found)


def total(parts: Sequence[Step]) -> Step:
    """Return all steps as one."""
    return Step(
        name="all",
        seconds=sum(part.seconds for part in parts),
        program_seconds=sum(part.program_seconds for part in parts),
    )
