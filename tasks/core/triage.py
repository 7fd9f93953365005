"""
What a crash means and what is done about it: severity, category, components, hypothesis, suggestions, and the route.

Only the crashing thread is read. Every judgement carries the reason that a person would ask for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import re2

from tasks.core.crash import Crash
from tasks.core.patterns import Pattern, Severity
from tasks.core.signature import SignatureResult

Route = Literal["template", "claude", "human", "skip"]

CATEGORIES = {
    "assertion": "assertion",
    "abort": "abort",
    "cpp_exception": "uncaught exception",
    "stack_overflow": "stack overflow",
    "division_by_zero": "division by zero",
    "illegal_instruction": "illegal instruction",
    "bus_error": "bus error",
    "breakpoint": "breakpoint",
    "deadlock": "deadlock",
    "out_of_memory": "out of memory",
    "sanitizer": "memory error",
    "unknown": "unknown",
}

_COMPONENTS = tuple(
    (name, re2.compile("(?m)" + expression))
    for name, expression in (
        ("playerbot", r"(?i)playerbot|(^|[/\\:])bots?([/\\:]|[A-Z_])|\bBot[A-Z]\w*::|NpcBot|bot_ai|\bbot\w*::"),
        ("session", r"WorldSession|Session\b|Socket"),
        ("map", r"\bMap\w*::|/Maps?/|\bGrid\w*::|\bCell::|MMAP|VMap|PathGenerator|BoundingInterval|\bBIH"),
        ("spell", r"\bSpell\w*::|\bAura\w*::|/Spells?/"),
        ("entity", r"\b(Player|Unit|Creature|Object|WorldObject|GameObject|Item|Pet|Totem|Vehicle)::|/Entities/"),
        ("combat", r"Combat|Threat|Battleground|Arena"),
        ("script", r"/[Ss]cripts?/|ScriptMgr|SmartAI|SmartScript|\w+AI::|/AI/"),
        ("database", r"(?i)mysql|MariaDB|PreparedStatement|DatabaseWorker|/Database/|\bField::"),
        ("network", r"(?i)/networking/|packet|opcode|asio"),
        ("loot", r"\bLoot\w*::|/Loot/"),
        ("world", r"\bWorld::|/World/"),
    )
)
_BOT = _COMPONENTS[0][1]


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a crash means, before anybody looked at the source."""

    severity: Severity
    category: str
    components: tuple[str, ...]
    is_bot_related: bool
    hypothesis: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RouteDecision:
    """What happens to a defect next, and why in words."""

    route: Route
    reason: str


@dataclass(frozen=True, kw_only=True)
class DefectSituation:
    """What triage needs to know of a defect: whether a fix is open, whether a repository is there to be fixed."""

    has_open_fix: bool
    has_source: bool
    is_silenced: bool = False
    needs_symbols: bool = False
    last_fix_state: str | None = None
    is_retry_allowed: bool = False


def assess(crash: Crash, signature: SignatureResult, pattern: Pattern | None) -> Assessment:
    """Say what the crash means; what a matched pattern states wins over what the frames suggest."""
    texts = [f"{frame.function or ''} {frame.file or ''}" for frame in crash.frames[:24]]
    in_app = [text for frame, text in zip(crash.frames, texts, strict=False) if _is_listed(frame.index, signature)]
    joined = "\n".join(in_app)
    components = tuple(name for name, expression in _COMPONENTS if expression.search(joined))
    return Assessment(
        severity=pattern.severity if pattern else _severity(crash),
        category=pattern.category if pattern else category(crash),
        components=components or ("unknown",),
        is_bot_related=bool(_BOT.search("\n".join(texts))),
        hypothesis=pattern.root_cause if pattern else _hypothesis(crash, signature),
        suggestions=_suggestions(crash, signature, pattern),
    )


def category(crash: Crash) -> str:
    """Name the kind of defect as a person would file it."""
    if crash.exception.kind == "access_violation":
        return "null pointer" if crash.exception.is_null_access else "invalid pointer"
    return CATEGORIES[crash.exception.kind]


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
    if pattern and pattern.is_core_bug:
        return RouteDecision(route="human", reason=f"pattern {pattern.slug} is a bug of the core, not of the module")
    return None


def _use_the_template(pattern: Pattern | None, _: DefectSituation) -> RouteDecision | None:
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


def _is_listed(index: int, signature: SignatureResult) -> bool:
    return signature.location is not None and index >= signature.location.frame.index


def _severity(crash: Crash) -> Severity:
    """Every kind here ended the process, so nothing is below medium but what was asked for."""
    if crash.exception.kind in {"deadlock", "out_of_memory", "stack_overflow", "sanitizer", "bus_error"}:
        return "critical"
    if crash.exception.kind == "access_violation":
        return "high" if crash.exception.is_null_access else "critical"
    if crash.exception.kind in {"breakpoint", "unknown"}:
        return "medium"
    return "high"


def _hypothesis(crash: Crash, signature: SignatureResult) -> str:
    exception = crash.exception
    where = signature.location.name if signature.location else "code without symbols"
    if exception.is_null_access:
        member = f", at offset {exception.address} of the object" if exception.address else ""
        return f"A null pointer was used in {where}{member}: the object was never set, or was already gone."
    sentences = {
        "access_violation": f"{where} used memory that is not valid (freed, overwritten or never set).",
        "assertion": f"A condition that the code relies on was false in {where}: {exception.message or 'no text'}.",
        "cpp_exception": f"An exception left {where} and nobody caught it: {exception.message or 'type unknown'}.",
        "abort": f"{where} asked for the end of the process (abort).",
        "stack_overflow": f"{where} called itself without end, or used more stack than a thread has.",
        "division_by_zero": f"{where} divided by zero.",
        "deadlock": f"A thread waited in {where} for a lock that nobody gave back.",
        "out_of_memory": f"{where} asked for memory that the system did not have.",
        "sanitizer": f"The sanitizer caught {exception.code or 'a memory error'} in {where}.",
    }
    return sentences.get(exception.kind, f"The process ended in {where} for a reason that the dump does not name.")


def _suggestions(crash: Crash, signature: SignatureResult, pattern: Pattern | None) -> tuple[str, ...]:
    where = signature.location.name if signature.location else None
    if where is None:
        return ("Keep the symbols of the build (RelWithDebInfo) beside the executable and read the dump again.",)
    by_kind = {
        "access_violation": f"Check the pointer that {where} uses before its use, and find who clears it.",
        "assertion": f"Find the caller of {where} that breaks the asserted condition.",
        "cpp_exception": f"Check the value that makes {where} throw, at the place that computes it.",
        "deadlock": "Copy what is needed under the lock and call out only after it is given back.",
        "division_by_zero": f"Check the divisor in {where}.",
        "stack_overflow": f"Bound the recursion through {where}.",
    }
    suggestions = [by_kind.get(crash.exception.kind, f"Read {where} at the crashing line with the stack beside it.")]
    if pattern and pattern.template:
        suggestions.insert(0, f"Apply the template {pattern.template} (pattern {pattern.slug}).")
    return tuple(suggestions)
