"""
The report of a crash as a value, and as JSON: the whole context of the crash for programs.

What the database knows comes in as it is stored; ``crash_markdown`` renders the same value for people. All text passes
``redaction`` on its way out.
"""

import itertools
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import re2

from tasks.core import crash_json, redaction
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.crash_loop import CrashLoop
from tasks.core.frames import base_name
from tasks.core.names import normalise

_NUMBER = re2.compile(r"0x[0-9a-f]{1,16}")


@dataclass(frozen=True, kw_only=True)
class DumpFacts:
    """The file that the crash was read from."""

    dump_id: int
    path: str
    kind: str | None
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What triage said of the crash."""

    severity: str
    category: str
    components: tuple[str, ...]
    is_bot_related: bool
    hypothesis: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What the crash is called and by what it is recognised."""

    signature: str
    algorithm: str
    fingerprint: str | None
    in_app: tuple[str, ...]
    location: tuple[str | None, str | None, int | None]


@dataclass(frozen=True, kw_only=True)
class DefectFacts:
    """The defect that the crash belongs to, as it stands when the report is written."""

    defect_id: int
    signature: str
    crashes: int
    exemplar_id: int | None
    first_seen: datetime
    last_seen: datetime
    first_build: str | None
    last_build: str | None
    state: str
    route: str | None
    route_reason: str | None


@dataclass(frozen=True, kw_only=True)
class PlacementEvidence:
    """
    Why the crash is in its defect, or in none.

    ``how`` is ``learned``, ``matched`` or ``needs_symbols``; the names are those that crash and defect are compared by.
    """

    how: str
    score: float | None
    shared: tuple[str, ...] = ()
    only_here: tuple[str, ...] = ()
    only_there: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SimilarCrash:
    """Another crash of the same defect."""

    crash_id: int
    occurred_at: datetime
    server: str
    build: str | None
    message: str | None


@dataclass(frozen=True, kw_only=True)
class NearDefect:
    """Another defect at the same function, and how much of its stack the crash shares (0 to 1)."""

    defect_id: int
    signature: str
    crashes: int
    score: float
    why_apart: str


@dataclass(frozen=True, kw_only=True)
class Related:
    """What else the database knows that is like this crash."""

    similar: tuple[SimilarCrash, ...] = ()
    near: tuple[NearDefect, ...] = ()
    loop: CrashLoop | None = None


@dataclass(frozen=True, kw_only=True)
class CrashReport:
    """Everything that the report of a crash shows. ``pattern`` and ``log_window`` are the stored JSON."""

    crash_id: int
    server: str
    occurred_at: datetime
    dump: DumpFacts
    crash: Crash
    naming: Naming
    judgement: Judgement
    placement: PlacementEvidence
    defect: DefectFacts | None = None
    related: Related = Related()
    pattern: dict[str, Any] | None = None
    log_window: dict[str, Any] | None = None

    @property
    def place(self) -> str:
        """The function, file and line of the crash as one text."""
        function, file, line = self.naming.location
        at = f" ({file}:{line})" if file and line is not None else f" ({file})" if file else ""
        return f"{function or 'unknown'}{at}"

    @property
    def located(self) -> Frame | None:
        """The frame of the crashing thread at which the crash is located."""
        frames, in_app = self.crash.frames, self.naming.in_app
        name = in_app[0] if in_app else self.naming.location[0]
        return next((frame for frame in frames if frame_name(frame) == name), None)

    def is_ours(self, frame: Frame) -> bool:
        """Say whether a frame is one of ours."""
        return frame_name(frame) in self.naming.in_app


def frame_name(frame: Frame) -> str:
    """Return the name under which a frame counts: the normalised function, or module and offset."""
    if frame.function:
        return normalise(frame.function)
    return f"{base_name(frame.module)}+0x{frame.offset or 0:x}" if frame.module else base_name(frame.file)


def to_json(report: CrashReport) -> dict[str, Any]:
    """
    Return the whole context of a crash, redacted.

    The keys that ``crashflow analyze --json`` has too mean the same; times are ISO 8601 with their zone.
    """
    value = {
        "crash": report.crash_id,
        "server": report.server,
        "occurred_at": report.occurred_at.isoformat(),
        "dump": {
            "id": report.dump.dump_id,
            "path": report.dump.path,
            "kind": report.dump.kind,
            "sha256": report.dump.sha256,
        },
        **_crash(report),
        "pattern": report.pattern,
        "placement": _placement(report.placement),
        "defect": _defect(report.defect),
        **_related(report.related),
        "log_window": report.log_window,
    }
    redacted = _redacted(value, {})
    assert isinstance(redacted, dict)
    return redacted


def to_text(report: CrashReport) -> str:
    """Return the context as it is written into a file."""
    return json.dumps(to_json(report), indent=2, ensure_ascii=True) + "\n"


def _crash(report: CrashReport) -> dict[str, Any]:
    crash, naming, judgement = report.crash, report.naming, report.judgement
    thread = crash.crashing_thread
    function, file, line = naming.location
    return {
        "format": crash.format,
        "status": "ok" if crash.is_complete else "partial",
        "exception": crash_json.exception_json(crash.exception),
        "location": {"function": function, "file": file, "line": line},
        "build": crash.build,
        "executable": crash.executable,
        "command_line": _command_line(crash.command_line),
        "thread": thread.id if thread else None,
        "threads": [_thread(each) for each in crash.threads],
        "in_app": list(naming.in_app),
        "signature": naming.signature,
        "algorithm": naming.algorithm,
        "fingerprint": naming.fingerprint,
        "severity": judgement.severity,
        "category": judgement.category,
        "components": list(judgement.components),
        "is_bot_related": judgement.is_bot_related,
        "hypothesis": judgement.hypothesis,
        "suggestions": list(judgement.suggestions),
        "notes": list(crash.notes),
    }


def _placement(placement: PlacementEvidence) -> dict[str, Any]:
    return {
        "how": placement.how,
        "score": placement.score,
        "shared": list(placement.shared),
        "only_here": list(placement.only_here),
        "only_there": list(placement.only_there),
    }


def _defect(defect: DefectFacts | None) -> dict[str, Any] | None:
    if defect is None:
        return None
    return {
        "id": defect.defect_id,
        "signature": defect.signature,
        "crashes": defect.crashes,
        "first_crash": defect.exemplar_id,
        "first_seen": defect.first_seen.isoformat(),
        "last_seen": defect.last_seen.isoformat(),
        "first_build": defect.first_build,
        "last_build": defect.last_build,
        "state": defect.state,
        "route": defect.route,
        "route_reason": defect.route_reason,
    }


def _related(related: Related) -> dict[str, Any]:
    loop = related.loop
    return {
        "similar": [
            {
                "crash": other.crash_id,
                "occurred_at": other.occurred_at.isoformat(),
                "server": other.server,
                "build": other.build,
                "message": other.message,
            }
            for other in related.similar
        ],
        "near": [
            {
                "defect": other.defect_id,
                "signature": other.signature,
                "crashes": other.crashes,
                "score": round(other.score, 4),
                "why_apart": other.why_apart,
            }
            for other in related.near
        ],
        "loop": {"count": loop.count, "first": loop.first.isoformat(), "last": loop.last.isoformat()} if loop else None,
    }


def _thread(thread: Thread) -> dict[str, Any]:
    value = crash_json.thread_json(thread)
    for shown, frame in zip(value["frames"], thread.frames, strict=True):
        if frame.arguments:
            shown["arguments"] = frame.arguments
    return value


def _command_line(words: tuple[str, ...]) -> list[str]:
    """Mask what follows an option such as ``--password`` as a word of its own."""
    shown = list(words)
    for position, (option, word) in enumerate(itertools.pairwise(words), start=1):
        if redaction.redact(f"{option} {word}") != f"{redaction.redact(option)} {redaction.redact(word)}":
            shown[position] = "[secret]"
    return shown


def _redacted(value: Any, seen: dict[str, str]) -> Any:
    """Redact every text, each once; the keys of objects are ours or the names of configured logs."""
    if isinstance(value, str):
        if value not in seen:
            seen[value] = value if _NUMBER.fullmatch(value) else redaction.redact(value)
        return seen[value]
    if isinstance(value, dict):
        return {str(key): _redacted(inner, seen) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner, seen) for inner in value]
    return value
