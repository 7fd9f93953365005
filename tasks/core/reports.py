"""
The report of a fix, as Markdown, and the words in which reports and the command line speak of a crash.

Names and messages are hostile; everything that comes from a dump passes ``tasks.core.markdown``. The report of a crash
is ``crash_report``.
"""

from dataclasses import dataclass

from tasks.core import markdown
from tasks.core.conventions import NO_REPAIR
from tasks.core.crash import Crash, Frame
from tasks.core.redaction import redact

FRAMES_SHOWN = 24


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
    gates: tuple[tuple[str, str, str, float], ...]
    pull_request: str | None
    is_repair: bool = True


def render_fix(report: FixReport) -> str:
    """Return the report of a fix: where it stands, its patch, its gates."""
    rows = [
        f"| {gate} | {outcome} | {markdown.prose(detail, limit=200)} | {seconds:.1f} s |"
        for gate, outcome, detail, seconds in report.gates
    ]
    table = (
        "\n".join(["| gate | outcome | detail | time |", "|---|---|---|---|", *rows]) if rows else "No gate has run."
    )
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
    sections.append(f"## Gates\n\n{table}")
    if report.patch:
        sections.append(
            "## Patch\n\n" + markdown.fence(redact(report.patch.decode("utf-8", errors="replace")), language="diff")
        )
    return "\n\n".join(sections) + "\n"


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
