"""
The checks of a fix: what their outcome means, and what of their output a person needs.

Gates run programs, so they run in steps and clients; here is the judgement of what came back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import re2

Outcome = Literal["passed", "failed", "skipped"]
Confidence = Literal["high", "medium", "low"]

EXCERPT_LINES = 40
_ERROR_LINE = re2.compile(r"(?i)\berror\b|undefined reference|FAILED|\*\*\*|No such file|cannot find|fatal:")
_KILLED = re2.compile(
    r"(?m)Killed signal terminated program|unable to execute command: Killed|\bError 137\b|Subprocess killed|^Killed$"
)
"""What gcc, clang, make, ctest and shells say when somebody killed a program of theirs with SIGKILL."""

_MISSING_HEADER = re2.compile(r"fatal error: '?([^'\n:]+)'?(?:: No such file or directory| file not found)")

Gate = Literal["rules", "shapes", "configure", "syntax", "compile", "tests", "static analysis", "replay"]
BLOCKING: frozenset[Gate] = frozenset({"rules", "configure", "syntax", "compile", "replay"})
"""The gates that stop a fix where they are red; what the others say is shown to the reviewer."""

_WARNINGS: frozenset[Gate] = frozenset({"shapes", "static analysis"})


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


def judge_rules(
    *, protected: Mapping[str, str], core: Sequence[str], refusal: str | None, level: str | None
) -> Judgement:
    """
    Judge which paths a patch changes.

    ``protected`` are those that a rule of the configuration protects, each with the rule; ``core`` those in the core,
    ``refusal`` why the core may not be changed, ``level`` how deep the patch reaches.
    """
    if protected:
        path, rule = next(iter(protected.items()))
        return Judgement(
            outcome="failed", detail=f"{path} is protected by the configuration (`{rule}`); no fix may change it."
        )
    if refusal is not None:
        return Judgement(outcome="failed", detail=f"{', '.join(core)} belongs to the core of the server, and {refusal}")
    reach = f"reaches the level: {level}" if level else "no module is configured, so there are no levels"
    return Judgement(outcome="passed", detail=f"no protected path; {reach}")


def judge_shapes(found: Sequence[str]) -> Judgement:
    """Judge what of a patch should be looked at twice."""
    if not found:
        return Judgement(outcome="passed", detail="nothing that usually hides a crash")
    return Judgement(outcome="failed", detail=f"look twice: it {', and '.join(found)}")


def judge_syntax(judgement: Judgement, *, output: str, patch: bytes) -> Judgement:
    """
    Judge the check of one file's syntax: a header that only a whole build makes is no fault of the patch.

    Such a header is one that is missing, and that the patch does not name.
    """
    missing = _MISSING_HEADER.search(output)
    if judgement.outcome != "failed" or missing is None or missing[1].encode() in _added(patch):
        return judgement
    return Judgement(outcome="skipped", detail=f"needs {missing[1]}, which is made by the build")


def judge_checked_files(count: int) -> Judgement:
    """Judge a patch whose touched files the compiler takes, each by itself."""
    return Judgement(outcome="passed", detail=f"the compiler takes {_number(count, 'touched file')}")


def judge_findings(found: Sequence[object], *, tools: Sequence[str], files: int, lines: int) -> Judgement:
    """Judge what analysers found on the lines that a patch changed."""
    where = f"{_number(lines, 'changed line')} of {_number(files, 'file')}"
    if not found:
        return Judgement(outcome="passed", detail=f"{' and '.join(tools)}: nothing on {where}")
    return Judgement(outcome="failed", detail=f"{' and '.join(tools)}: {_number(len(found), 'finding')} on {where}")


def confidence(outcomes: Mapping[str, Outcome]) -> Confidence:
    """
    Compute how far the checks carry: nobody's opinion about itself counts.

    High needs a clean replay of the crash and passed tests on top of a build, and no warning; medium two of these
    three; else low.
    """
    failed = {name for name, outcome in outcomes.items() if outcome == "failed"}
    if outcomes.get("compile") != "passed" or failed - _WARNINGS:
        return "low"
    passed = sum(outcomes.get(gate) == "passed" for gate in ("replay", "tests")) - bool(failed)
    levels: tuple[Confidence, ...] = ("low", "medium", "high")
    return levels[max(passed, 0)]


def _added(patch: bytes) -> bytes:
    return b"\n".join(line[1:] for line in patch.split(b"\n") if line.startswith(b"+"))


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
