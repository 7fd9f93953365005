"""
The question that crashflow puts to an analyst, human or model, about a crash that no template can fix.

The request has the shape of the system that crashflow replaces, so that its readers go on working. It holds parsed
facts and cleaned log lines, never memory of the dead process. Its text is still hostile: players write into these logs.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.core import logs
from tasks.core.logs import LineCount, LogLine, LogReport, LogWindow
from tasks.core.patterns import Severity
from tasks.core.redaction import redact

REQUEST_ID = r"^[0-9a-f]{8}$"

LINE_LIMIT = 300
"""Characters of one line of a log or a stack."""
CONTEXT_LINES = 50
"""Lines of one log, the nearest to the crash."""
STACK_LINES = 50
SUGGESTIONS = 20
PATCH_LIMIT = 20_000
PROSE_LIMIT = 2000
"""Characters of a message, a hypothesis or a suggestion."""

Priority = Literal["high", "medium", "low"]
PRIORITIES: Mapping[Severity, Priority] = {"critical": "high", "high": "high", "medium": "medium", "low": "low"}


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestCrash(_Value):
    """The crash, as the analyst sees it: what is unknown is null."""

    crash_id: str
    timestamp: str | None
    exception_code: str | None
    crash_location: str | None
    crash_function: str | None
    error_message: str | None
    call_stack: tuple[str, ...]
    crash_category: str
    severity: str
    is_bot_related: bool
    root_cause_hypothesis: str
    fix_suggestions: tuple[str, ...]


class RequestContext(_Value):
    """What the logs said before the crash, oldest line first; the server's logs and the bots' stay apart."""

    errors_before_crash: tuple[str, ...]
    warnings_before_crash: tuple[str, ...]
    server_log_context: tuple[str, ...]
    playerbot_log_context: tuple[str, ...]


class RequestReview(_Value):
    """What a person wished of the patch that was there, oldest wish first; the next patch is a change upon it."""

    wishes: tuple[str, ...]
    patch: str | None


class AnalysisRequest(_Value):
    """One request, as it lies in ``requests/request_{request_id}.json``."""

    request_id: Annotated[str, Field(pattern=REQUEST_ID)]
    timestamp: str
    status: Literal["pending"] = "pending"
    crash: RequestCrash
    context: RequestContext
    request_type: Literal["comprehensive_analysis"] = "comprehensive_analysis"
    priority: Priority
    # Left out where nobody wished anything: the queue's readers know the request without it.
    review: Annotated[RequestReview | None, Field(exclude_if=lambda review: review is None)] = None


@dataclass(frozen=True, kw_only=True)
class RequestFacts:
    """
    What a request is made of.

    ``exception_code`` is the code, the signal or else the kind of the exception; ``location`` is ``file:line``;
    ``call_stack`` holds one line a frame, innermost first; ``windows`` are keyed by the log's file name. ``wishes`` are
    what reviewers wrote of ``patch``.
    """

    crash_id: str
    occurred_at: datetime | None
    exception_code: str | None
    location: str | None
    function: str | None
    message: str | None
    call_stack: tuple[str, ...]
    category: str
    severity: Severity
    is_bot_related: bool
    hypothesis: str
    suggestions: tuple[str, ...]
    report: LogReport
    windows: Mapping[str, LogWindow]
    wishes: tuple[str, ...] = ()
    patch: bytes | None = None


def build_request(facts: RequestFacts, *, identity: str, now: datetime) -> AnalysisRequest:
    """
    Write the request for one crash; every text in it is redacted and capped.

    ``identity`` names what the request is for (a fix's id, a defect's fingerprint): the same identity gives the same
    request id, so that asking again doubles nothing.
    """
    return AnalysisRequest(
        request_id=request_id(identity),
        timestamp=now.isoformat(timespec="seconds"),
        crash=_crash(facts),
        context=_context(facts.report, logs.current(facts.windows)),
        priority=PRIORITIES[facts.severity],
        review=_review(facts) if facts.wishes else None,
    )


def request_id(identity: str) -> str:
    """Derive the 8 hexadecimal digits that name a request, its answer and its trigger."""
    return hashlib.sha256(identity.encode("utf-8", errors="replace")).hexdigest()[:8]


def _crash(facts: RequestFacts) -> RequestCrash:
    return RequestCrash(
        crash_id=_line(facts.crash_id),
        timestamp=facts.occurred_at.isoformat(timespec="seconds") if facts.occurred_at else None,
        exception_code=_optional_line(facts.exception_code),
        crash_location=_optional_line(facts.location),
        crash_function=_optional_line(facts.function),
        error_message=None if facts.message is None else _prose(facts.message),
        call_stack=tuple(_line(line) for line in facts.call_stack[:STACK_LINES]),
        crash_category=_line(facts.category),
        severity=facts.severity.upper(),
        is_bot_related=facts.is_bot_related,
        root_cause_hypothesis=_prose(facts.hypothesis),
        fix_suggestions=tuple(_prose(suggestion) for suggestion in facts.suggestions[:SUGGESTIONS]),
    )


def _review(facts: RequestFacts) -> RequestReview:
    patch = facts.patch.decode("utf-8", errors="replace") if facts.patch else None
    return RequestReview(
        wishes=tuple(_prose(wish) for wish in facts.wishes[-SUGGESTIONS:]),
        patch=None if patch is None else _capped(redact(patch), PATCH_LIMIT),
    )


def _context(report: LogReport, windows: Mapping[str, LogWindow]) -> RequestContext:
    servers = {name: window for name, window in windows.items() if not logs.is_playerbot_log(name)}
    playerbots = {name: window for name, window in windows.items() if logs.is_playerbot_log(name)}
    return RequestContext(
        errors_before_crash=_counted(report.errors),
        warnings_before_crash=_counted(report.warnings),
        server_log_context=tuple(_log_lines(servers)),
        playerbot_log_context=tuple(_log_lines(playerbots)),
    )


def _log_lines(windows: Mapping[str, LogWindow]) -> Iterable[str]:
    """Each log gives its own newest lines; where several share a list, each line names its log."""
    for name, window in windows.items():
        origin = f"{name}: " if len(windows) > 1 else ""
        for line in window.lines[-CONTEXT_LINES:]:
            yield _line(origin + _stamped(line))


def _stamped(line: LogLine) -> str:
    columns = (
        f"[{line.time:%H:%M:%S}]" if line.time else "",
        line.level or "",
        f"[{line.logger}]" if line.logger else "",
        line.text,
    )
    return " ".join(column for column in columns if column)


def _counted(counts: Sequence[LineCount]) -> tuple[str, ...]:
    """A report lists the nearest lines first: take those, and turn them back into the order of time."""
    lines = []
    for count in reversed(counts[:CONTEXT_LINES]):
        stamp = f"[{count.last:%H:%M:%S}] " if count.last else ""
        times = f"({count.count}x) " if count.count > 1 else ""
        lines.append(_line(stamp + times + count.text))
    return tuple(lines)


def _optional_line(text: str | None) -> str | None:
    return None if text is None else _line(text)


def _line(text: str) -> str:
    """Text of several lines becomes one: nobody forges a line of another log."""
    return _capped(redact(text).replace("\n", " | "), LINE_LIMIT)


def _prose(text: str) -> str:
    return _capped(redact(text), PROSE_LIMIT)


def _capped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
