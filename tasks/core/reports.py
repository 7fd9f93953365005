"""
What a person reads of a crash and of a fix, as Markdown: in the Prefect UI and as files.

Names, messages and log lines are hostile; everything that comes from a dump passes ``tasks.core.markdown``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasks.core import markdown
from tasks.core.crash import Crash, Frame
from tasks.core.names import normalise
from tasks.core.redaction import redact

FRAMES_SHOWN = 24
LOG_LINES_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class CrashReport:
    """Everything that the report of a crash shows. ``match`` and ``log_window`` are the stored JSON."""

    crash_id: int
    server: str
    occurred_at: datetime
    crash: Crash
    signature: str
    in_app: tuple[str, ...]
    location: str
    severity: str
    category: str
    components: tuple[str, ...]
    is_bot_related: bool
    hypothesis: str
    suggestions: tuple[str, ...]
    placement: str
    defect_id: int | None
    defect_count: int
    pattern: str | None = None
    match: dict[str, Any] | None = None
    log_window: dict[str, Any] | None = None
    similar: tuple[str, ...] = ()


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


def render_crash(report: CrashReport) -> str:
    """Return the report of a crash: what happened, where, the stack, the logs before it, and why it was placed so."""
    sections = [
        f"# {markdown.prose(report.signature, limit=200)}",
        _what_happened(report),
        "## Stack of the crashing thread\n\n" + _stack(report),
        "## Logs before the crash\n\n" + _logs(report.log_window),
        "## Why it is placed so\n\n" + _placement(report),
        "## What to do\n\n" + "\n".join(f"- {markdown.prose(text)}" for text in report.suggestions),
    ]
    if report.crash.notes:
        sections.append("## Notes\n\n" + "\n".join(f"- {markdown.prose(note)}" for note in report.crash.notes))
    return redact("\n\n".join(sections)) + "\n"


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
            "## Patch\n\n" + markdown.fence(report.patch.decode("utf-8", errors="replace"), language="diff")
        )
    return redact("\n\n".join(sections)) + "\n"


def describe_frame(frame: Frame) -> str:
    """Return one frame as a line: function, file and line, or module and offset."""
    name = frame.function or (f"{frame.module}+0x{frame.offset:x}" if frame.offset is not None else "??")
    place = f" at {frame.file}:{frame.line}" if frame.file else f" from {frame.module}" if frame.module else ""
    return f"{name}{place}{' (inlined)' if frame.is_inlined else ''}"


def describe_exception(crash: Crash) -> str:
    """Return why the process died in one line: signal or code, kind, address, message."""
    exception = crash.exception
    words = [word for word in (exception.signal, exception.code) if word] + [exception.kind.replace("_", " ")]
    if exception.address is not None:
        words.append(f"at address 0x{exception.address:x}")
    if exception.is_null_access:
        words.append("(null pointer)")
    return " ".join(words) + (f": {exception.message}" if exception.message else "")


def _what_happened(report: CrashReport) -> str:
    facts = {
        "Server": report.server,
        "Time": f"{report.occurred_at:%Y-%m-%d %H:%M:%S %Z}",
        "What": describe_exception(report.crash),
        "Where": report.location,
        "Severity": f"{report.severity}, {report.category}",
        "Components": ", ".join(report.components) + (" (bot related)" if report.is_bot_related else ""),
        "Build": report.crash.build or "unknown",
        "Hypothesis": report.hypothesis,
    }
    return "\n".join(f"- **{name}:** {markdown.prose(text)}" for name, text in facts.items())


def _stack(report: CrashReport) -> str:
    frames = report.crash.frames
    if not frames:
        return "The dump holds no stack."
    lines = [_stack_line(frame, report) for frame in frames[:FRAMES_SHOWN]]
    if len(frames) > FRAMES_SHOWN:
        lines.append(f"... {len(frames) - FRAMES_SHOWN} more frames")
    return markdown.fence("\n".join(lines)) + f"\n\nFrames marked `*` are ours. {len(report.crash.threads)} threads."


def _stack_line(frame: Frame, report: CrashReport) -> str:
    mark = "*" if frame.function and normalise(frame.function) in report.in_app else " "
    return f"{mark} #{frame.index:<3} {describe_frame(frame)}"


def _logs(window: dict[str, Any] | None) -> str:
    if not window or not window.get("logs"):
        return "No log of this server is configured, or none could be read."
    report = window.get("report", {})
    parts = [_count_list("Errors", report.get("errors", ())), _count_list("Warnings", report.get("warnings", ()))]
    parts.append(_count_list("Repeated 5 times or more", report.get("escalating", ())))
    action = report.get("last_bot_action")
    if action:
        age = f", {action['age_s']:.1f} s before the crash" if action.get("age_s") is not None else ""
        parts.append(f"**Last bot action**{age}: {markdown.code(action['text'])}")
    for name, log in window["logs"].items():
        lines = [_log_line(line) for line in log["lines"][-LOG_LINES_SHOWN:]]
        basis = {"crash time": "the 60 s before the crash", "last line": "the 60 s before its last line"}
        head = f"**{markdown.prose(name)}** ({basis.get(log['basis'], 'its end, the lines have no time')})"
        parts.append(f"{head}\n\n{markdown.fence(chr(10).join(lines) or '(no line)')}")
    return "\n\n".join(part for part in parts if part)


def _log_line(line: dict[str, Any]) -> str:
    return " ".join(str(line[key]) for key in ("time", "level", "text") if line.get(key))


def _count_list(title: str, counts: Sequence[dict[str, Any]]) -> str:
    rows = [f"- {count['count']} x {markdown.code(count['text'])}" for count in counts[:LOG_LINES_SHOWN]]
    return f"**{title}:**\n\n" + "\n".join(rows) if rows else ""


def _placement(report: CrashReport) -> str:
    if report.defect_id is None:
        return "It is not placed: without a frame of ours that has a name it is merged with nothing."
    times = f"{report.defect_count} crash{'es' if report.defect_count != 1 else ''}"
    lines = [f"- Defect {report.defect_id} ({times}), {report.placement}."]
    if report.match and report.pattern:
        lines.append(
            f"- Pattern {markdown.code(report.pattern)}, {report.match['score']:.0%} of its stack expressions:"
        )
        lines.append(f"  - location: {markdown.code(report.match['location'])}")
        lines += [
            f"  - {markdown.code(hit['expression'])} found in frame {hit['frame']}: {markdown.code(hit['text'])}"
            for hit in report.match["matched"]
        ]
        lines += [f"  - {markdown.code(text)} found in no frame" for text in report.match["missing"]]
    else:
        lines.append("- No pattern knows it: the defect is novel.")
    if report.similar:
        lines.append("- Similar crashes: " + ", ".join(markdown.code(text) for text in report.similar))
    return "\n".join(lines)
