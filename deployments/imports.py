"""``crashflow import``: the history of an earlier system, taken over at its own times."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from db.settings import Settings
from deployments import console, many, pipeline
from deployments.analyze import expand
from tasks.core.errors import NotFoundError
from tasks.steps import import_sources, imports
from tasks.steps.imports import ImportResult, Tally
from tasks.steps.workspace import open_workspace

SHOWN = 50
"""Refusals that people are shown; the JSON has all."""


def run(settings: Settings, paths: Sequence[Path], server: str | None, *, is_rehearsal: bool) -> ImportResult:
    """
    Import files and folders, or say what that would do.

    Raises:
        NotFoundError: a path does not exist.
        DumpError: a database that the user named is cut off or damaged; nothing is imported then.
        CrashflowError: the database can't be reached.
    """
    for path in paths:
        if not path.exists():
            raise NotFoundError(f"There is no {path}.")
    sources = import_sources.collect(paths, expand(paths))
    room = open_workspace(settings)
    chosen = pipeline.choose_server(room, server)
    work = imports.rehearse if is_rehearsal else imports.run
    with many.progress(len(sources.files) + len(sources.records), "reports and records") as advance:
        return work(room, chosen.name, sources, advance)


def show(result: ImportResult, *, is_rehearsal: bool, is_json: bool) -> None:
    """Print what came of an import."""
    if is_json:
        console.raw(json.dumps(_value(result, is_rehearsal=is_rehearsal)))
        return
    rows = [
        (name, tally.imported, tally.known, len(tally.refused))
        for name, tally in (("reports", result.files), ("records", result.records))
        if tally.imported or tally.known or tally.refused
    ]
    if rows:
        console.table(("", "would be imported" if is_rehearsal else "imported", "already known", "refused"), rows)
    refused = [*result.files.refused, *result.records.refused]
    if refused:
        console.line()
        shown = [(each.path, each.reason) for each in refused[:SHOWN]]
        console.table(("refused, and left where it is", "why"), shown)
    if len(refused) > SHOWN:
        console.line(f"and {len(refused) - SHOWN} more; --json names them all.")
    console.line()
    for sentence in (*_sentences(result, is_rehearsal=is_rehearsal), *result.remarks):
        console.line(sentence)


def _sentences(result: ImportResult, *, is_rehearsal: bool) -> list[str]:
    counts = result.defects
    if not result.crashes or counts is None or counts.first_seen is None or counts.last_seen is None:
        return ["There is nothing new."]
    times = f"{counts.first_seen.astimezone():%Y-%m-%d} to {counts.last_seen.astimezone():%Y-%m-%d}"
    crashes = f"{result.crashes} {'crash' if result.crashes == 1 else 'crashes'} from {times}"
    defects = f"{counts.new} new {'defect' if counts.new == 1 else 'defects'} and {counts.known} known"
    sentences = [f"{crashes}, of {defects}."]
    if counts.without_place:
        sentences.append(f"{counts.without_place} of them are of none: no frame of theirs has a name.")
    sentences.append(
        "Nothing is stored: this was a rehearsal." if is_rehearsal else "They are history and start no fixes."
    )
    return sentences


def _value(result: ImportResult, *, is_rehearsal: bool) -> dict[str, Any]:
    counts = result.defects
    return {
        "is_rehearsal": is_rehearsal,
        "reports": _tally(result.files),
        "records": _tally(result.records),
        "crashes": result.crashes,
        "defects": {"new": counts.new, "known": counts.known} if counts else None,
        "without_defect": counts.without_place if counts else 0,
        "first_seen": counts.first_seen.isoformat() if counts and counts.first_seen else None,
        "last_seen": counts.last_seen.isoformat() if counts and counts.last_seen else None,
        "remarks": list(result.remarks),
    }


def _tally(tally: Tally) -> dict[str, Any]:
    refused = [{"path": each.path, "reason": each.reason} for each in tally.refused]
    return {"imported": tally.imported, "known": tally.known, "refused": refused}
