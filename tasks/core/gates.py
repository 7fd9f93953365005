"""
The checks of a fix: what their outcome means, what of their output a person needs, what is suspicious in a patch.

Gates run programs, so they run in steps and clients; here is the judgement of what came back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import re2

Outcome = Literal["passed", "failed", "skipped"]
Confidence = Literal["high", "medium", "low"]
HierarchyLevel = Literal["module", "core"]

EXCERPT_LINES = 40
_ERROR_LINE = re2.compile(r"(?i)\berror\b|undefined reference|FAILED|\*\*\*|No such file|cannot find|fatal:")
_KILLED = re2.compile(
    r"(?m)Killed signal terminated program|unable to execute command: Killed|\bError 137\b|Subprocess killed|^Killed$"
)
"""What gcc, clang, make, ctest and shells say when somebody killed a program of theirs with SIGKILL."""

_SUSPICIOUS = (
    (
        r"catch\s*\(\s*\.\.\.\s*\)",
        "catches every exception, which can hide a crash and never stops an access violation",
    ),
    (
        r"\[[^\]]*(=|&|\bthis\b)[^\]]*\]\s*(\([^)]*\))?\s*(mutable\s*)?\{",
        "captures by reference, by copy of all, or this",
    ),
)
_DELETED_ASSERTION = re2.compile(r"(?m)^-\s*(WP)?ASSERT\w*\s*\(|^-\s*assert\s*\(")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a finished program means for its gate."""

    outcome: Outcome
    detail: str


def judge_command(
    *, returncode: int, is_timed_out: bool, timeout_s: float, name: str, excess: str | None = None
) -> Judgement:
    """Judge a build or test: exit code 0 passes, all else fails. ``excess`` says why it was killed before its time."""
    if excess:
        return Judgement(outcome="failed", detail=f"{name} was killed: {excess}")
    if is_timed_out:
        return Judgement(outcome="failed", detail=f"{name} did not end within {timeout_s:g} s and was killed")
    if returncode == 0:
        return Judgement(outcome="passed", detail=f"{name} ended with exit code 0")
    return Judgement(outcome="failed", detail=f"{name} ended with {describe_exit(returncode)}")


def is_killed(*, returncode: int, is_timed_out: bool, output: str) -> bool:
    """
    Say whether a program failed because somebody killed it or a child of it with SIGKILL.

    That somebody is the system short of memory, or a person: it says nothing about the patch.
    """
    if is_timed_out or returncode == 0:
        return False
    return returncode in (-9, 137) or _KILLED.search(output) is not None


def judge_replay(*, returncode: int, is_timed_out: bool, timeout_s: float, excess: str | None = None) -> Judgement:
    """Judge a replay: a server that ends by itself with 0, or lives until the time is over, did not crash."""
    if excess:
        return Judgement(outcome="failed", detail=f"the server was killed: {excess}")
    if is_timed_out:
        return Judgement(outcome="passed", detail=f"the server lived for {timeout_s:g} s without a crash")
    if returncode == 0:
        return Judgement(outcome="passed", detail="the server ran the crashing scenario to its end, exit code 0")
    return Judgement(outcome="failed", detail=f"the server ended with {describe_exit(returncode)}")


def describe_exit(returncode: int) -> str:
    """Say how a process ended, in words; a shell's 128+n counts as signal n."""
    signals = {4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}
    number = -returncode if returncode < 0 else returncode - 128
    if (returncode < 0 or returncode > 128) and number in signals:
        return f"signal {signals[number]}"
    return f"signal {number}" if returncode < 0 else f"exit code {returncode}"


def excerpt(output: str) -> str:
    """Return what a person needs of a failed program's output: its error lines with what follows them, or the end."""
    lines = [line[:400] for line in output.splitlines()]
    chosen: list[str] = []
    last = -1
    for index, line in enumerate(lines):
        if _ERROR_LINE.search(line):
            chosen += lines[max(index, last + 1) : index + 4]
            last = max(last, index + 3)
        if len(chosen) >= EXCERPT_LINES:
            break
    return "\n".join(chosen[:EXCERPT_LINES] or lines[-EXCERPT_LINES:])


def flags(patch: bytes) -> tuple[str, ...]:
    """Return the shapes in a patch at which a reviewer should look twice."""
    text = patch.decode("utf-8", errors="replace")
    added = "\n".join(line[1:] for line in text.splitlines() if line.startswith("+") and not line.startswith("+++"))
    found = [meaning for expression, meaning in _SUSPICIOUS if re2.search(expression, added)]
    if _DELETED_ASSERTION.search(text):
        found.append("removes an assertion")
    return tuple(found)


def hierarchy_level(paths: Sequence[str], module_paths: Sequence[str]) -> HierarchyLevel:
    """Say how deep a patch reaches: into the module alone, or into the core of the server."""
    is_module = paths and all(any(path.startswith(prefix) for prefix in module_paths) for path in paths)
    return "module" if is_module else "core"


def confidence(outcomes: dict[str, Outcome]) -> Confidence:
    """
    Compute how far the checks carry: nobody's opinion about itself counts.

    High needs a clean replay of the crash and passed tests on top of a build; medium one of the two; else low.
    """
    if outcomes.get("compile") != "passed" or "failed" in outcomes.values():
        return "low"
    passed = sum(outcomes.get(gate) == "passed" for gate in ("replay", "tests"))
    levels: tuple[Confidence, ...] = ("low", "medium", "high")
    return levels[passed]
