"""
The report of a fix, as Markdown, and the words in which reports and the command line speak of a crash.

Names and messages are hostile; everything that comes from a dump passes ``tasks.core.markdown``. The report of a crash
is ``crash_report``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.core import markdown, timeline
from tasks.core.conventions import NO_REPAIR, GateFact
from tasks.core.crash import Crash, Frame
from tasks.core.redaction import redact
from tasks.core.timeline import Step

FRAMES_SHOWN = 24
EXCERPT_LIMIT = 3000


@dataclass(frozen=True, kw_only=True)
class FixReport:
    """Everything that the report of a fix shows."""

    fix_id: int
    signature: str
    state: str
    route: str
    reason: str
    explanation: str | None
    confidence: str
    branch: str | None
    head_commit: str | None
    patch: bytes | None
    gates: tuple[GateFact, ...]
    pull_request: str | None
    is_repair: bool = True
    steps: tuple[Step, ...] = ()


def render_fix(report: FixReport) -> str:
    """Return the report of a fix: where it stands, its gates, how long each step took, its patch."""
    facts = [
        f"- State: **{report.state}** ({markdown.prose(report.reason)})",
        f"- Route: {report.route}",
        f"- Confidence, from the gates: {report.confidence}",
    ]
    if not report.is_repair:
        facts.append(f"- {NO_REPAIR}: the crash goes on")
    if report.branch:
        facts.append(
            f"- Branch: {markdown.code(report.branch)}, commit {markdown.code(report.head_commit or 'none yet')}"
        )
    if report.pull_request:
        facts.append(f"- Pull request: {markdown.code(report.pull_request)}")
    sections = [f"# Fix {report.fix_id}: {markdown.prose(report.signature, limit=200)}", "\n".join(facts)]
    if report.explanation:
        sections.append(markdown.prose(report.explanation))
    sections.append("\n\n".join(["## Gates", _gates(report.gates), *gate_words(report.gates)]))
    if report.steps:
        sections.append(f"## Time\n\n{_time(report.steps)}")
    if report.patch:
        sections.append(
            "## Patch\n\n" + markdown.fence(redact(report.patch.decode("utf-8", errors="replace")), language="diff")
        )
    return "\n\n".join(sections) + "\n"


def gate_words(gates: Sequence[GateFact]) -> list[str]:
    """Return what the tools of red gates said, each under its gate's name."""
    return [
        f"What {markdown.code(gate.name, limit=40)} says:\n\n"
        + markdown.fence(markdown.cut(redact(gate.excerpt), limit=EXCERPT_LIMIT))
        for gate in gates
        if gate.outcome == "failed" and gate.excerpt
    ]


def _gates(gates: Sequence[GateFact]) -> str:
    if not gates:
        return "No gate has run."
    rows = [
        f"| {gate.name} | {gate.outcome}{'' if gate.is_blocking else ', does not block'} |"
        f" {markdown.prose(gate.detail, limit=400)} | {gate.seconds:.1f} s |"
        for gate in gates
    ]
    return "\n".join(["| gate | outcome | detail | time |", "|---|---|---|---|", *rows])


def _time(steps: Sequence[Step]) -> str:
    rows = [
        f"| {step.name} | {step.seconds:.1f} s | {step.program_seconds:.1f} s | {step.own_seconds:.1f} s |"
        for step in (*steps, timeline.total(steps))
    ]
    head = ["| step | time | of it compiler, tests, analysis, replay | the rest |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def describe_frame(frame: Frame) -> str:
    """Return one frame as a line: function, file and line, or module and offset."""
    inlined = " (inlined)" if frame.is_inlined else ""
    if frame.file:
        line = f":{frame.line}" if frame.line is not None else ""
        return f"{frame.function or '??'} at {frame.file}{line}{inlined}"
    if frame.function is None and frame.module and frame.offset is not None:
        return f"{frame.module}+0x{frame.offset:x}{inlined}"
    return (frame.function or "??") + (f" from {frame.module}" if frame.module else "") + inlined


def describe_exception(crash: Crash) -> str:
    """Return why the process died in one line: signal or code, kind, address, message."""
    exception = crash.exception
    code = exception.code if exception.code and exception.code not in (exception.signal or "") else None
    words = [word for word in (exception.signal, code) if word] + [exception.kind.replace("_", " ")]
    if exception.address is not None:
        how = {"read": "reading", "write": "writing", "execute": "executing"}.get(exception.access or "", "at")
        words.append(f"{how} address 0x{exception.address:x}")
    if exception.is_null_access:
        words.append("(null pointer)")
    return " ".join(words) + (f": {exception.message}" if exception.message else "")
