"""What came of some dumps, collected from the database: for the summaries of ``run``, ``ingest`` and ``demo``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlmodel import Session

from db import crashes, defects, dumps, fixes, models, patterns, servers
from deployments import console
from tasks.core import states
from tasks.steps import analysts, facts
from tasks.steps.stories import pattern_evidence
from tasks.steps.workspace import Workspace

AT_REST = states.FIX_ENDS | {"AWAITING_APPROVAL", "APPROVED", "DEPLOYING", "ANALYZING", "ANALYSIS_PENDING"}
"""States in which a fix waits for a person or is ended: nothing more happens by itself."""


@dataclass(kw_only=True)
class Summary:
    """Dumps with their crashes, the defects of these, and their fixes, as JSON-like values."""

    dumps: list[dict[str, Any]] = field(default_factory=list)
    crashes: list[dict[str, Any]] = field(default_factory=list)
    defects: list[dict[str, Any]] = field(default_factory=list)
    fixes: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_read(self) -> bool:
        """True when every dump was read."""
        return all(dump["state"] == "PARSED" for dump in self.dumps)

    @property
    def is_settled(self) -> bool:
        """True when every dump was read or refused, and every defect in them was triaged."""
        is_over = all(dump["state"] in ("PARSED", "FAILED") for dump in self.dumps)
        return is_over and all(defect["is_triaged"] for defect in self.defects)

    @property
    def is_success(self) -> bool:
        """True when every dump was read and no fix failed."""
        return self.is_read and all(fix["state"] != "FAILED" for fix in self.fixes)

    def to_json(self) -> dict[str, Any]:
        """Return everything for ``--json``."""
        return {
            "dumps": self.dumps,
            "crashes": self.crashes,
            "defects": self.defects,
            "fixes": self.fixes,
            "pending": self.pending,
        }


def collect(session: Session, room: Workspace, dump_ids: Sequence[int]) -> Summary:
    """Collect what came of these dumps as it stands now."""
    summary = Summary()
    defect_ids: dict[int, None] = {}
    for dump_id in dump_ids:
        dump = dumps.get(session, dump_id)
        if dump is None:
            continue
        summary.dumps.append({"dump": dump.id, "path": dump.path, "state": dump.state, "error": dump.error})
        for crash in crashes.of_dump(session, dump_id) or crashes.of_capture(session, dump):
            summary.crashes.append({"dump": dump_id, **_crash(session, crash)})
            if crash.defect_id is not None:
                defect_ids[crash.defect_id] = None
    for defect_id in defect_ids:
        _add_defect(session, room, summary, defect_id)
    return summary


def show(summary: Summary) -> None:
    """Print the summary for people."""
    for dump in summary.dumps:
        if dump["error"]:
            console.line(f"{dump['path']}: {dump['error']}")
    if summary.crashes:
        rows = [
            (
                crash["crash"],
                crash["signature"],
                crash["what"],
                crash["where"],
                crash["pattern"] or "novel",
                crash["defect"],
            )
            for crash in summary.crashes
        ]
        console.table(("crash", "signature", "what", "where", "pattern", "defect"), rows)
    for fix in summary.fixes:
        text = f"Fix {fix['fix']} of defect {fix['defect']}: {fix['state']}"
        console.line(text + (f", {fix['pull_request']}" if fix["pull_request"] else f" ({fix['reason']})"))
        if fix["is_held"] or fix["state"] in {"FIX_GENERATED", "APPLYING_FIX", "COMPILING", "TESTING"}:
            console.line("  It goes on while `crashflow run DUMP` waits for it.")
    for question in summary.pending:
        console.line(
            f"Fix {question['fix']} of defect {question['defect']} waits for an analysis: {question['request']}"
        )
    for defect in summary.defects:
        if defect["fix"] is None:
            console.line(f"Defect {defect['defect']} ({defect['signature']}): no fix, {defect['reason']}")


def _crash(session: Session, crash: models.Crash) -> dict[str, Any]:
    value = crashes.value(crash)
    pattern = pattern_evidence(session, crash.id)
    at = f" ({crash.location_file}:{crash.location_line})" if crash.location_file else ""
    window = crash.log_window or {}
    return {
        "crash": crash.id,
        "server": servers.name_of(session, crash.server_id),
        "kind": crash.kind,
        "signal": crash.signal,
        "message": crash.message,
        "what": f"{crash.signal or crash.code or ''} {crash.kind.replace('_', ' ')}".strip(),
        "function": crash.location_function,
        "file": crash.location_file,
        "line": crash.location_line,
        "where": f"{crash.location_function or 'unknown'}{at}",
        "frames": len(value.frames),
        "threads": len(value.threads),
        "signature": crash.signature,
        "severity": crash.severity,
        "category": crash.category,
        "defect": crash.defect_id,
        "pattern": pattern["slug"] if pattern else None,
        "score": pattern["score"] if pattern else None,
        "matched": [hit["expression"] for hit in pattern["matched"]] if pattern else [],
        "missing": list(pattern["missing"]) if pattern else [],
        "log_window": {name: len(log["lines"]) for name, log in window.get("logs", {}).items()},
        "last_bot_action": (window.get("report", {}).get("last_bot_action") or {}).get("text"),
        "escalating": [line["text"] for line in window.get("report", {}).get("escalating", ())],
    }


def _add_defect(session: Session, room: Workspace, summary: Summary, defect_id: int) -> None:
    defect = defects.get(session, defect_id)
    if defect is None:
        return
    fix = fixes.newest(session, defect.id)
    pattern = patterns.get(session, defect.pattern_id).slug if defect.pattern_id is not None else None
    summary.defects.append(
        {
            "defect": defect.id,
            "signature": defect.signature,
            "crashes": defect.crash_count,
            "pattern": pattern,
            "fix": fix.id if fix else None,
            "route": defect.route,
            "is_triaged": defect.route is not None or fix is not None,
            "reason": defect.route_reason or "it was not triaged yet",
        }
    )
    if fix is not None and fix.state == "ANALYSIS_PENDING" and not _is_going_on(session, room, fix):
        question = fixes.analysis_of(session, fix.id)
        summary.pending.append(
            {
                "fix": fix.id,
                "defect": defect.id,
                "state": fix.state,
                "template": fix.template,
                "reason": fix.reason,
                "request_id": question.request_id if question else None,
                "request": question.request_path if question else None,
            }
        )
    elif fix is not None:
        summary.fixes.append(_fix(session, room, fix, pattern))


def _is_going_on(session: Session, room: Workspace, fix: models.Fix) -> bool:
    """Say whether a run has the fix, or will have it without anybody's doing."""
    is_asking = fix.state in ("ANALYSIS_PENDING", "ANALYZING")
    return fix.lease_until is not None or (is_asking and analysts.can_be_asked(session, room, fix))


def _fix(session: Session, room: Workspace, fix: models.Fix, pattern: str | None) -> dict[str, Any]:
    results = {result.gate: result for result in fixes.gates(session, fix.id)}
    pull_request = fixes.pull_request_of(session, fix.id)
    attempt = fixes.last_attempt(session, fix.id)
    build = room.server(servers.name_of(session, fix.server_id)).build
    crash = crashes.get(session, fix.crash_id)
    return {
        "fix": fix.id,
        "defect": fix.defect_id,
        "pattern": pattern,
        "template": fix.template,
        "state": fix.state,
        "is_held": _is_going_on(session, room, fix),
        "reason": fix.reason,
        "explanation": fix.explanation,
        "branch": fix.branch,
        "commit": fix.head_commit,
        "base_commit": fix.base_commit,
        "patch": attempt.patch.decode("utf-8", errors="replace") if attempt and attempt.patch else None,
        "pull_request": _address(pull_request.url) if pull_request else None,
        "compile": results["compile"].outcome if "compile" in results else None,
        "tests": results["tests"].outcome if "tests" in results else None,
        "replay": results["replay"].outcome if "replay" in results else None,
        "build_commands": [list(command) for command in (build.configure, build.compile) if command],
        "reproduce_command": facts.replay_command(crash, build.replay) if crash else [],
    }


def _address(url: str) -> str:
    """Return a pull request's URL, or the plain path of a file."""
    return unquote(urlsplit(url).path) if url.startswith("file:") else url
