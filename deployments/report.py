"""``crashflow report``: the report of a crash that the database knows, on the terminal or as files."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from db import crashes, defects, models
from db.settings import Settings
from deployments import console
from tasks.clients.files import write_atomically
from tasks.core import crash_markdown, crash_report, trend_report
from tasks.core.crash_report import CrashReport
from tasks.core.errors import CrashflowError, NotFoundError
from tasks.steps import stories, trends
from tasks.steps.workspace import open_workspace


def collect(settings: Settings, crash_id: int | None, defect_id: int | None) -> CrashReport:
    """
    Collect the report of a crash; of a defect its newest crash counts, and without either the newest of all.

    Raises:
        NotFoundError: the database knows no such crash or defect.
        DatabaseError: Postgres can't be reached.
    """
    room = open_workspace(settings)
    with room.database.transaction() as session:
        row = find(session, crash_id, defect_id)
        return stories.crash_report(session, row.id, room.lists)


def show(report: CrashReport, *, is_json: bool) -> None:
    """Print the report, as Markdown or as JSON."""
    text = crash_report.to_text(report) if is_json else crash_markdown.render(report)
    console.raw((text if is_json else console.printable(text)).rstrip("\n"))


def show_trends(settings: Settings) -> None:
    """Print how this week compares with the last one, as Markdown."""
    room = open_workspace(settings)
    facts, _ = trends.trends_of(room, datetime.now(UTC).date())
    console.raw(console.printable(trend_report.render_trends(facts)).rstrip("\n"))


def write(report: CrashReport, folder: Path) -> tuple[Path, Path]:
    """
    Write the report into a folder as ``crash-N.md`` and ``crash-N.json``, readable by their owner; return both paths.

    Raises:
        CrashflowError: the folder can't be written.
    """
    paths = folder / f"crash-{report.crash_id}.md", folder / f"crash-{report.crash_id}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(paths[0], crash_markdown.render(report).encode(), mode=0o600)
        write_atomically(paths[1], crash_report.to_text(report).encode(), mode=0o600)
    except OSError as error:
        raise CrashflowError(f"The report can't be written into {folder}: {error.strerror or error}.") from error
    return paths


def find(session: Session, crash_id: int | None, defect_id: int | None) -> models.Crash:
    """
    Return a crash, the newest of a defect, or the newest of all.

    Raises:
        NotFoundError: the database knows no such crash or defect.
    """
    if crash_id is not None:
        row = crashes.get(session, crash_id) if crash_id < 2**63 else None
        if row is None:
            raise NotFoundError(
                f"The database knows no crash {crash_id}; crash_history lists them (crashflow db psql)."
            )
        return row
    defect = defects.get(session, defect_id) if defect_id is not None and defect_id < 2**63 else None
    if defect_id is not None and defect is None:
        raise NotFoundError(f"The database knows no defect {defect_id}; defect_summary lists them (crashflow db psql).")
    row = crashes.newest(session, defect.id if defect else None)
    if row is None:
        raise NotFoundError("The database holds no crash yet; `crashflow ingest PATH...` records some.")
    return row
