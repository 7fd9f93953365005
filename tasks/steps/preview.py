"""What a template would change for a crash, without changing anything: no row, no branch, no worktree."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from db import crashes, defects, models, patterns, servers
from tasks.clients import analyzers
from tasks.clients.files import write_atomically
from tasks.core import edits, hierarchy
from tasks.core.errors import FixError, RefusalError
from tasks.core.hierarchy import Level
from tasks.steps import checks
from tasks.steps.fix import Base, edited, newest_commit, plan
from tasks.steps.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Preview:
    """
    A patch that nobody has applied.

    ``refusal`` says which rule of the project would stop it. ``gates`` are the checks that would run, each with its
    command or with what is missing for it. ``path`` is where the patch lies as a file.
    """

    crash_id: int
    defect_id: int | None
    signature: str
    template: str
    base_commit: str
    explanation: str
    level: Level | None
    is_repair: bool
    patch: bytes
    flags: tuple[str, ...]
    refusal: str | None
    gates: tuple[tuple[str, str], ...]
    path: Path


def preview_in(room: Workspace, crash_id: int, template: str | None = None) -> Preview:
    """
    Ask a crash's template for its patch on the newest source; without ``template`` the one that triage would take.

    The patch is written to ``reports/crash-N.patch``.

    Raises:
        RefusalError: there is no template for the crash, or it refuses; the text says why.
        FixError: the source is not configured.
        GitError: git refuses.
    """
    with room.database.transaction() as session:
        row = crashes.get(session, crash_id)
        assert row is not None
        server = servers.name_of(session, row.server_id)
        chosen = template or _template(session, row)
        signature, defect_id, value = row.signature, row.defect_id, crashes.value(row)
    if room.server(server).source is None:
        raise FixError(f"No source is configured for {server}; add [server.source] to crashflow.toml.")
    repository, source = room.repository(server), room.source(server)
    base = newest_commit(repository, room, server)
    planned = plan(value, chosen, Base(repository, base, source.module_paths))
    paths = sorted({edit.path for edit in planned.edits})
    with room.database.transaction() as session:
        permission = checks.permission_of(session, defect_id, chosen, source.core_changes)
    rules = checks.judge_paths(room, server, paths, permission)
    patch = b"".join(
        edits.unified_diff(path, repository.read_file(base, path) or b"", edited(repository, planned, path))
        for path in paths
    )
    file = room.settings.report_folder / f"crash-{crash_id}.patch"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, patch, mode=0o600)
    return Preview(
        crash_id=crash_id,
        defect_id=defect_id,
        signature=signature,
        template=chosen,
        base_commit=base,
        explanation=planned.explanation,
        level=hierarchy.level_of(paths, source.places),
        is_repair=planned.is_repair,
        patch=patch,
        flags=checks.shapes_of(room, server, planned),
        refusal=rules.detail if rules.outcome == "failed" else None,
        gates=_gates(room, server),
        path=file,
    )


def _template(session: Session, crash: models.Crash) -> str:
    """Return the template that a person chose for the defect, else the one of its pattern."""
    defect = defects.get(session, crash.defect_id) if crash.defect_id is not None else None
    if defect is None:
        raise RefusalError(f"Crash {crash.id} is in no defect: it needs symbols before anything can be fixed.")
    if defect.template:
        return defect.template
    if defect.pattern_id is None:
        raise RefusalError(
            f"No pattern knows defect {defect.id}, so there is no template; `crashflow defects template` chooses one."
        )
    pattern = patterns.get(session, patterns.current(session, defect.pattern_id))
    if pattern.template is None:
        raise RefusalError(f"The pattern {pattern.slug} has no template. {pattern.remedy or pattern.root_cause}")
    return pattern.template


def _gates(room: Workspace, server: str) -> tuple[tuple[str, str], ...]:
    build = room.server(server).build
    present = analyzers.installed(build.analyzers)
    told = (
        ("rules", [("protected paths and the hierarchy of file modifications",)], ""),
        ("shapes", [("what usually hides a crash",)], ""),
        (
            "syntax",
            [("the compiler's own command for each touched file",)] if build.compile else [],
            "nothing is built",
        ),
        ("compile", [build.configure, build.compile] if build.compile else [], "no compile command is configured"),
        ("tests", [build.test], "no test command is configured"),
        ("static analysis", [(" and ".join(present),)], analyzers.explain_missing(build.analyzers)),
        ("replay", [build.replay], "no reproducer is configured"),
    )
    return tuple(
        (name, " && ".join(" ".join(command) for command in commands if command) or f"skipped: {missing}")
        for name, commands, missing in told
    )
