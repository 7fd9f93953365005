"""What people are told of a fix by chat, mail or webhook: a subject and a few lines, with nothing in them but text."""

from dataclasses import dataclass

from tasks.core import markdown
from tasks.core.reports import FixReport

READY, FAILED = "crashflow.fix.ready", "crashflow.fix.failed"
EVENTS = {"AWAITING_APPROVAL": READY, "FAILED": FAILED}
"""The event that is told of a fix when it reaches a state."""

_SIGNATURE = 160
_REASON = 600

# Chat programs read `<!channel>` and `<@name>` as calls to people, and `<address|words>` as a link.
_BRACKETS = str.maketrans({"<": "\u2039", ">": "\u203a"})


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message; ``subject`` is one line, ``text`` a few."""

    subject: str
    text: str


def of_fix(report: FixReport) -> Notice:
    """Return the message of a fix that is ready for a person, or that failed."""
    signature = _line(report.signature, _SIGNATURE)
    if report.state != "AWAITING_APPROVAL":
        return Notice(
            subject=f"Fix {report.fix_id} failed: {signature}",
            text="\n".join([_line(report.reason, _REASON), f"Its report is the artifact fix-{report.fix_id}."]),
        )
    red = [gate.name for gate in report.gates if gate.outcome == "failed"]
    lines = [f"Confidence, computed from the gates: {report.confidence}."]
    if red:
        lines.append(f"Red, and for you to judge: {', '.join(red)}.")
    if report.pull_request:
        lines.append(f"Draft: {_line(report.pull_request, _REASON)}")
    lines.append(f"To decide: crashflow review {report.fix_id} approve|reject|changes --comment WHY")
    kind = "fix" if report.is_repair else "patch for diagnosis"
    return Notice(subject=f"A {kind} waits for you: {signature}", text="\n".join(lines))


def _line(text: str, limit: int) -> str:
    return markdown.one_line(text, limit=limit).translate(_BRACKETS)
