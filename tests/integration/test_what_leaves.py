"""Nothing that a log, a dump or a tool said in confidence leaves the machine: one hostile crash, every way out."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db import crashes, fixes, models
from db.fixes import GateFacts, NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients.knowledge import stack_lists
from tasks.core import conventions, crash_markdown, crash_report
from tasks.core.configuration import Configuration, ServerSettings, SourceSettings
from tasks.steps import analysis, facts, publish, report, runs, server_logs, stories
from tasks.steps.workspace import Workspace
from tests.integration.shelf import NOW, SHOP, Shelf

CANARIES = (
    "ghp_0123456789abcdefABCDEF",
    "hunter2pass",
    "AKIAIOSFODNN7EXAMPLE",
    "10.20.30.40",
    "2001:db8::7f",
    "ALDRENSACCOUNT",
    "alice@players.example",
    "@maintainer",
    "@everyone",
    "Fixes #12",
    "postgresql://game:s3cret@db.internal",
    "/home/alicia/",
    "sk-ant-api03-0123456789abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QifQ",
)
LINES = (
    "ERROR [server.worldserver] token=ghp_0123456789abcdefABCDEF refused",
    "ERROR [network] Account: ALDRENSACCOUNT from 10.20.30.40 password: hunter2pass",
    "WARN [network] client 2001:db8::7f said @everyone @maintainer Fixes #12",
    "ERROR [sql.driver] postgresql://game:s3cret@db.internal/world is away; AWS AKIAIOSFODNN7EXAMPLE",
    "WARN [mail] alice@players.example reads /home/alicia/bots.log with sk-ant-api03-0123456789abcdefghij",
    "ERROR [web] Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QifQ.c2lnbmF0dXJl",
)
PATCH = b"diff --git a/Shop.cpp b/Shop.cpp\n--- a/Shop.cpp\n+++ b/Shop.cpp\n@@ -1 +1 @@\n-a();\n+if (x) a();\n"


@pytest.fixture
def room(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    server = ServerSettings(name="game", source=SourceSettings(repository=tmp_path), time_zone=ZoneInfo("UTC"))
    settings = Settings(configuration=Configuration(server=(server,)), state_folder=tmp_path / "state")
    opened = Workspace(settings=settings, database=database, lists=stack_lists())
    for module in (report, analysis):
        monkeypatch.setattr(module, "workspace", lambda: opened)
    return opened


@pytest.fixture
def fix_id(room: Workspace, tmp_path: Path) -> int:
    """A fix of a crash whose logs, message, frames, gates and person's comment hold every canary."""
    shelf = Shelf(room, tmp_path)
    crash_id = shelf.store(*SHOP)
    log = "\n".join(f"{NOW - timedelta(seconds=5):%Y-%m-%d_%H:%M:%S} {line}" for line in LINES).encode() + b"\n"
    everything = " ".join(LINES)
    with room.database.transaction() as session:
        row = crashes.get(session, crash_id)
        assert row is not None
        assert row.defect_id is not None
        tail = models.LogTail(dump_id=row.dump_id, path="Server.log", is_cut=False)
        row.log_window = server_logs.window_of([(tail, log)], room.server("game"), row.occurred_at)
        row.message = row.hypothesis = everything
        row.suggestions = list(LINES)
        thread = json.loads(json.dumps(row.thread))
        thread["frames"][1]["file"] = "/home/alicia/src/Shop.cpp"
        row.thread = thread
        session.add(row)
        new = NewFix(
            defect_id=row.defect_id,
            server_id=row.server_id,
            crash_id=crash_id,
            pattern_id=None,
            route="template",
            template="null-check",
            reason=everything,
        )
        fix = fixes.open_fix(session, new, None)
        assert fix is not None
        fix.branch, fix.base_commit, fix.head_commit, fix.explanation = (
            "crashflow/fix-1",
            "b" * 40,
            "a" * 40,
            everything,
        )
        attempt = fixes.begin_attempt(session, fix, "template null-check")
        attempt.patch = PATCH
        session.add(attempt)
        gate = GateFacts(gate="tests", outcome="failed", is_blocking=False, detail=LINES[1], excerpt="\n".join(LINES))
        fixes.record_gate(session, attempt.id, gate)
        for state in ("APPLYING_FIX", "COMPILING", "TESTING", "PR_CREATED", "AWAITING_APPROVAL"):
            fixes.advance(session, fix, state, reason=everything, flow_run_id=None)
        return fix.id


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the Prefect server: artifacts, and events for notifications."""
    texts: list[str] = []

    def announce(event: str, **values: Any) -> None:
        texts.append(json.dumps(values))

    monkeypatch.setattr(runs, "announce", announce)
    monkeypatch.setattr(runs, "publish_report", lambda *values: texts.extend(map(str, values)))
    return texts


def check(name: str, text: str) -> None:
    found = [canary for canary in CANARIES if canary in text]
    assert not found, f"{name} holds {found}"


def test_the_canaries_are_in_what_is_stored(room: Workspace, fix_id: int) -> None:
    with room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        row = crashes.get(session, fix.crash_id)
        assert row is not None
        stored = json.dumps(row.log_window) + (row.message or "") + json.dumps(row.thread)
    assert not [canary for canary in CANARIES if canary not in stored]


def test_neither_pull_request_nor_commit_tell_them(room: Workspace, fix_id: int) -> None:
    with room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        draft = publish._draft(session, room, fix)
        message = conventions.commit_message(facts.collect(session, room, fix), facts.conventions(session, room, fix))
    for name, text in (("title", draft.title), ("body", draft.body), ("branch", draft.branch), ("commit", message)):
        check(name, text)
    assert "[secret]" in draft.body
    assert "[account]" in draft.body
    assert "(at)everyone" in draft.body


def test_neither_reports_nor_artifacts_nor_events_tell_them(room: Workspace, fix_id: int, told: list[str]) -> None:
    report.report_fix.fn(fix_id)
    assert any("crashflow.fix" in text for text in told)
    with room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        crash_id = fix.crash_id
        story = stories.crash_report(session, crash_id, room.lists)
    check("crash report", crash_markdown.render(story))
    check("crash report as JSON", crash_report.to_text(story))
    report.report_crashes.fn([crash_id])
    for text in told:
        check("what Prefect is told", text)
    for file in room.settings.report_folder.iterdir():
        check(file.name, file.read_text(encoding="utf-8"))


def test_no_question_to_an_analyst_tells_them(room: Workspace, fix_id: int) -> None:
    with room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        row = crashes.get(session, fix.crash_id)
        assert row is not None
        request = analysis.request_of(session, fix, row)
    check("request", request.model_dump_json())
