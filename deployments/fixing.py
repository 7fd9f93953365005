"""``crashflow fix``: show what a template would change for a crash, or make the fix and wait for it."""

import json
from typing import Any

from db import crashes, fixes
from db.settings import Settings
from deployments import console, pipeline, prefect_services
from deployments.pipeline import Served
from deployments.report import find
from deployments.summary import Summary
from tasks.core.errors import FixError
from tasks.steps import preview, triage
from tasks.steps.preview import Preview
from tasks.steps.workspace import open_workspace


def preview_fix(settings: Settings, crash_id: int | None, defect_id: int | None, template: str | None) -> Preview:
    """
    Ask the template of a crash, or of a defect's newest one, for its patch; nothing but the patch's file is written.

    Raises:
        NotFoundError: the database knows no such crash, defect or template.
        RefusalError: there is no template, or it refuses.
        CrashflowError: the source can't be read.
    """
    room = open_workspace(settings)
    with room.database.transaction() as session:
        found = find(session, crash_id, defect_id).id
    return preview.preview_in(room, found, template)


def show_preview(found: Preview, *, is_json: bool) -> None:
    """Print the patch with what it changes and why, and the gates that would run."""
    if is_json:
        console.raw(json.dumps(_to_json(found)))
        return
    console.line(f"Crash {found.crash_id}, defect {found.defect_id}: {found.signature}")
    level = found.level or "none, as no module_paths are configured"
    console.line(f"Template {found.template}, on commit {found.base_commit[:12]}, file-modification level: {level}.")
    console.line(found.explanation)
    if found.refusal:
        console.line(f"The project's rules would stop it: {found.refusal}")
    for flag in found.flags:
        console.line(f"Look twice: it {flag}.")
    console.line("")
    console.raw(console.printable(found.patch.decode("utf-8", errors="replace")).rstrip("\n"))
    console.line("")
    console.table(("gate", "what would run"), found.gates)
    console.line(f"Nothing was changed. The patch lies in {found.path}; `git apply --check` takes it.")


def _to_json(found: Preview) -> dict[str, Any]:
    return {
        "crash": found.crash_id,
        "defect": found.defect_id,
        "signature": found.signature,
        "template": found.template,
        "base_commit": found.base_commit,
        "explanation": found.explanation,
        "level": found.level,
        "is_repair": found.is_repair,
        "patch": found.patch.decode("utf-8", errors="replace"),
        "flags": list(found.flags),
        "refusal": found.refusal,
        "gates": [{"gate": name, "command": command} for name, command in found.gates],
        "path": str(found.path),
    }


def make_fix(settings: Settings, crash_id: int | None, defect_id: int | None, *, is_again: bool) -> Summary:
    """
    Open a fix of a crash's defect, start it, and wait until it waits for a person or is ended.

    Raises:
        NotFoundError: the database knows no such crash or defect.
        FixError: triage opens none; the text says why.
        CrashflowError: Prefect can't be reached, or the fix does not end in its time.
    """
    room = open_workspace(settings)
    with room.database.transaction() as session:
        row = find(session, crash_id, defect_id)
        dumps, defect = [dump.id for dump in crashes.dumps_of(session, row.id)], row.defect_id
        is_open = defect is not None and defect in fixes.open_of(session, [defect])
    if not is_open:
        decided = triage.triage_in(room, [row.id], is_asked=is_again, is_again=is_again)
        if not decided or decided[0].fix_id is None or decided[0].route in ("skip", "human"):
            reason = decided[0].reason if decided else "it is in no defect: it needs symbols"
            raise FixError(f"No fix is opened for crash {row.id}: {reason}.")
    with prefect_services.prefect_server(settings) as api, prefect_services.runner(settings, api) as check:
        return pipeline.follow_fixes(room, Served(api=api, check=check), dumps, console.step)
