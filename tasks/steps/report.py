"""Reports: what people see of crashes and fixes in the UI, and the same texts as files."""

from pathlib import Path

from prefect import task

from db import crashes, dumps, fixes
from tasks.clients.files import write_atomically
from tasks.core import crash_markdown, crash_report, markdown, notices, reports, trajectory
from tasks.steps import facts, runs, stories
from tasks.steps.workspace import Workspace, workspace

ARTIFACT_LIMIT = 200_000
REPORTED_CRASHES = 25
"""Reports of one chunk. Of more crashes only those are reported by which a defect was learned."""
_REASON_TOLD = 600


def ingest_run_name() -> str:
    """Return the name under which people see an ingest run."""
    with workspace().database.transaction() as session:
        count = dumps.count_waiting(session)
    return f"ingest {count} dump{'' if count == 1 else 's'}"


@task(name="report")
def report_crashes(crash_ids: list[int], *, is_new: bool = True) -> None:
    """Publish the report of each crash, in a storm of the first of each defect; a new one is announced."""
    room = workspace()
    if len(crash_ids) > REPORTED_CRASHES:
        with room.database.transaction() as session:
            crash_ids = crashes.first_of_defects(session, crash_ids)
    for crash_id in crash_ids[:REPORTED_CRASHES]:
        with room.database.transaction() as session:
            report = stories.crash_report(session, crash_id, room.lists)
        name, signature = f"crash-{crash_id}", markdown.one_line(report.naming.signature, limit=180)
        text, value = crash_markdown.render(report), crash_report.to_text(report)
        write_report(room, f"{name}.md", text)
        write_report(room, f"{name}.json", value)
        runs.publish_report(name, text, markdown.sentence(signature))
        runs.publish_report(f"{name}-json", _as_artifact(value, name), f"{markdown.sentence(signature)} (JSON)")
        if not is_new:
            continue
        runs.announce(
            "crashflow.crash.detected",
            resource=f"crashflow.crash.{crash_id}",
            name=signature,
            payload={
                "crash_id": crash_id,
                "defect_id": report.defect.defect_id if report.defect else None,
                "server": report.server,
                "severity": report.judgement.severity,
            },
        )


def _as_artifact(value: str, name: str) -> str:
    """The UI is no place for a thousand threads; the file has them all."""
    if len(value) > ARTIFACT_LIMIT:
        return f"The JSON of this crash has {len(value)} characters: read `{name}.json` in the folder of reports."
    return markdown.fence(value, language="json")


@task(name="report fix")
def report_fix(fix_id: int) -> None:
    """Publish where a fix stands, and write its patch as a file."""
    room = workspace()
    with room.database.transaction() as session:
        report = stories.fix_report(session, fix_id)
    text = reports.render_fix(report)
    write_report(room, f"fix-{fix_id}.md", text)
    if report.patch:
        write_atomically(room.settings.report_folder / f"fix-{fix_id}.patch", report.patch, mode=0o600)
    runs.publish_report(f"fix-{fix_id}", text, f"{report.state}: {markdown.sentence(report.signature, limit=180)}")
    report_conversation(room, fix_id)
    event = notices.EVENTS.get(report.state)
    if event:
        notice = notices.of_fix(report)
        runs.announce(
            event,
            resource=f"crashflow.fix.{fix_id}",
            name=markdown.one_line(report.signature, limit=200),
            payload={
                "fix_id": fix_id,
                "state": report.state,
                "subject": notice.subject,
                "text": notice.text,
                "reason": markdown.one_line(report.reason, limit=_REASON_TOLD),
                "pull_request": report.pull_request,
                "report": f"fix-{fix_id}",
            },
        )


def report_conversation(room: Workspace, fix_id: int) -> None:
    """Publish the conversation with the analyst of a fix, where there is one."""
    with room.database.transaction() as session:
        question = fixes.analysis_of(session, fix_id)
        messages = facts.conversation(session, question.id) if question else []
    if not messages:
        return
    name, title = f"fix-{fix_id}-analysis", f"Fix {fix_id}: the conversation with its analyst"
    text = trajectory.render(title, messages)
    write_report(room, f"{name}.md", text)
    runs.publish_report(name, text[:ARTIFACT_LIMIT], f"{title}, {trajectory.cost_of(messages)}")


def write_report(room: Workspace, name: str, text: str) -> Path:
    """Write a report into the folder of reports, readable by its owner."""
    path = room.settings.report_folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode("utf-8"), mode=0o600)
    return path
