"""
What a crash means and what is done about it: severity, category, components, hypothesis, suggestions, and the route.

Only the crashing thread is read. Every judgement carries the reason that a person would ask for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.core import components
from tasks.core.crash import Crash, Frame, Kind
from tasks.core.explanation import explain
from tasks.core.names import normalise, unqualified
from tasks.core.patterns import Pattern, Severity
from tasks.core.scene import Scene
from tasks.core.signature import SignatureResult

_FRAMES_READ = 200

Route = Literal["template", "claude", "human", "skip"]

QUEUES = ("critical", "high", "normal", "low")
"""The work queues of fixes, most urgent first."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a crash means, before anybody looked at the source; ``reasons`` say why, one for each judgement."""

    severity: Severity
    category: str
    components: tuple[str, ...]
    is_bot_related: bool
    hypothesis: str
    suggestions: tuple[str, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RouteDecision:
    """What happens to a defect next, and why in words."""

    route: Route
    reason: str


@dataclass(frozen=True, kw_only=True)
class DefectSituation:
    """
    What triage needs to know of a defect: whether a fix is open, whether a repository is there to be fixed.

    ``template`` is the one that a person chose for it; ``is_history`` says that all of its crashes were imported.
    """

    has_open_fix: bool
    has_source: bool
    is_silenced: bool = False
    template: str | None = None
    needs_symbols: bool = False
    is_history: bool = False
    last_fix_state: str | None = None
    is_retry_allowed: bool = False


def assess(crash: Crash, signature: SignatureResult, pattern: Pattern | None) -> Assessment:
    """Say what the crash means; what a matched pattern states wins over what the frames suggest."""
    explanation = explain(Scene(crash=crash, signature=signature))
    severity, why_severe = _severity(crash, explanation.category)
    bots = components.bots(crash.frames)
    reasons = [f"severity {severity}: {why_severe}", f"category {explanation.category}: {explanation.reason}"]
    if pattern:
        known = f"the pattern {pattern.slug} states it"
        reasons = [f"severity {pattern.severity}: {known}", f"category {pattern.category}: {known}"]
        reasons.append(f"in this crash: {explanation.hypothesis}")
    if bots.is_bot_related:
        reasons.append(f"bot related: frame {bots.frame_index} of the crashing thread is {(bots.text or '')[:200]}")
    return Assessment(
        severity=pattern.severity if pattern else severity,
        category=pattern.category if pattern else explanation.category,
        components=components.find(_from_location(crash, signature)),
        is_bot_related=bots.is_bot_related,
        hypothesis=pattern.root_cause if pattern else explanation.hypothesis,
        suggestions=(*_known_repair(pattern), *explanation.suggestions),
        reasons=tuple(reasons),
    )


def queue(severity: str) -> str:
    """Return the work queue in which the fix of a defect of this severity waits; what is unknown waits with most."""
    return {"critical": "critical", "high": "high", "low": "low"}.get(severity, "normal")


def _known_repair(pattern: Pattern | None) -> tuple[str, ...]:
    if pattern is None:
        return ()
    template = f"Apply the template {pattern.template}, because pattern {pattern.slug} names it."
    if pattern.is_core_bug:
        template = (
            f"Look at the patch of the template {pattern.template} with `crashflow fix CRASH --preview`, and choose it "
            f"with `crashflow defects template` if it is wanted: pattern {pattern.slug} is a bug of the core, so a "
            "person decides."
        )
    return (*((template,) if pattern.template else ()), *((pattern.remedy,) if pattern.remedy else ()))


def route(pattern: Pattern | None, situation: DefectSituation) -> RouteDecision:
    """Choose what happens next to a defect; the first rule that speaks decides."""
    for rule in _ROUTE_RULES:
        decision = rule(pattern, situation)
        if decision is not None:
            return decision
    return RouteDecision(route="claude", reason="no pattern knows this defect")


def _skip_where_nothing_can_be_done(_: Pattern | None, situation: DefectSituation) -> RouteDecision | None:
    if situation.is_silenced:
        return RouteDecision(route="skip", reason="silenced by a person")
    if situation.has_open_fix:
        return RouteDecision(route="skip", reason="a fix of this defect is open")
    if situation.needs_symbols:
        return RouteDecision(route="skip", reason="needs symbols: no frame of ours has a name")
    if situation.is_history:
        return RouteDecision(
            route="skip",
            reason="all of its crashes were imported, none happened since; "
            "`crashflow fix --again` starts one all the same",
        )
    return None


def _skip_after_failure(_: Pattern | None, situation: DefectSituation) -> RouteDecision | None:
    if situation.last_fix_state is None or situation.is_retry_allowed:
        return None
    return RouteDecision(
        route="skip",
        reason=f"the last fix ended {situation.last_fix_state} and nothing new speaks for another; "
        "`crashflow fix --again` overrides this",
    )


def _ask_a_human(pattern: Pattern | None, situation: DefectSituation) -> RouteDecision | None:
    if not situation.has_source:
        return RouteDecision(route="human", reason="no source repository is configured for this server")
    if pattern and pattern.is_core_bug and not situation.template:
        return RouteDecision(route="human", reason=f"pattern {pattern.slug} is a bug of the core, not of the module")
    return None


def _use_the_template(pattern: Pattern | None, situation: DefectSituation) -> RouteDecision | None:
    if situation.template:
        return RouteDecision(route="template", reason=f"a person chose the template {situation.template}")
    if pattern and pattern.template:
        return RouteDecision(route="template", reason=f"pattern {pattern.slug} has the template {pattern.template}")
    if pattern:
        return RouteDecision(route="claude", reason=f"pattern {pattern.slug} has no template")
    return None


_ROUTE_RULES: Sequence[Callable[[Pattern | None, DefectSituation], RouteDecision | None]] = (
    _skip_where_nothing_can_be_done,
    _skip_after_failure,
    _ask_a_human,
    _use_the_template,
)


def _from_location(crash: Crash, signature: SignatureResult) -> tuple[Frame, ...]:
    """Return the frames of ours from the location down that tell defects apart: dispatch loops call every part."""
    if signature.location is None or not signature.location.is_ours:
        return ()
    ours = set(signature.in_app)
    telling = set(signature.distinctive)
    location = signature.location.frame
    below = (frame for frame in crash.frames[:_FRAMES_READ] if frame.index > location.index and frame.function)
    named = ((normalise(frame.function or ""), frame) for frame in below)
    return location, *(frame for name, frame in named if name in ours and telling & {name, unqualified(name)})


def _severity(crash: Crash, category: str) -> tuple[Severity, str]:
    """Rate what the kind does to a server. Every kind but a finding of a sanitizer ended the process."""
    if category in _BROKEN_MEMORY:
        return "critical", "memory was broken, so the server may have gone on with wrong data before it died"
    if category == "memory leak":
        return "medium", "memory is lost, but nothing died"
    if crash.exception.kind == "access_violation":
        if category == "null pointer":
            return "high", "the server died, and by a null pointer, which breaks no other memory"
        if crash.exception.access in {"write", "execute"} or crash.exception.address is not None:
            return "critical", "the server died by a pointer that was not null, so other memory may be broken too"
        return "high", "the server died by an invalid access whose address is not stated"
    return _SEVERITIES.get(crash.exception.kind, ("high", "the process ended itself"))


_BROKEN_MEMORY = frozenset(
    [
        "use after free",
        "double free",
        "invalid free",
        "buffer overflow",
        "heap corruption",
        "freed memory",
        "overwritten pointer",
    ]
)
_SEVERITIES: dict[Kind, tuple[Severity, str]] = {
    "deadlock": ("critical", "the server stands still for everybody until it is killed"),
    "out_of_memory": ("critical", "memory runs out again with the same load"),
    "stack_overflow": ("critical", "the same input ends the server again at once"),
    "sanitizer": ("high", "a sanitizer found undefined behaviour; without it the server goes on with wrong data"),
    "assertion": ("high", "the server died by a check of its own, before worse came of it"),
    "cpp_exception": ("high", "the server died by an exception that one request could have survived"),
    "bus_error": ("critical", "the server died by memory that the system could not give"),
    "breakpoint": ("medium", "the program stopped itself, and the report does not say why"),
    "unknown": ("medium", "the report does not say why the process ended"),
    "division_by_zero": ("high", "the server died by one wrong number"),
    "illegal_instruction": ("high", "the server died where the program must not come"),
}
