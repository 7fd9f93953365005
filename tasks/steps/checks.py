"""Checks of a patch that need no build: the project's rules, suspicious shapes, syntax, static analysis."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from prefect import task
from sqlmodel import Session

from db import defects, fixes, patterns, servers
from db.fixes import GateFacts
from tasks.clients import analyzers, build_commands
from tasks.clients.analyzers import Analyzer
from tasks.clients.build_commands import Ran
from tasks.core import compile_commands, edits, findings, gates, hierarchy, protected_paths, shapes, source_paths
from tasks.core.configuration import BuildSettings
from tasks.core.errors import EditError, FixError
from tasks.core.gates import Judgement
from tasks.core.hierarchy import CoreChanges, Permission
from tasks.steps import facts, gate_runs, leases
from tasks.steps.fix import PlannedFix, edited
from tasks.steps.workspace import Workspace, workspace

SYNTAX_FILES = 12
"""Files of one patch whose syntax is checked before the build; what is larger is left to the build."""


@task(name="rules")
def check_rules(fix_id: int, plan: PlannedFix) -> tuple[str, ...]:
    """
    Check what a patch touches, and what it brings in, before anything is written; return the suspicious shapes.

    Raises:
        GateError: a path leaves the tree or is protected, or the core may not be changed.
        EditError: an edit does not match its file exactly once.
    """
    room = workspace()
    paths = sorted({edit.path for edit in plan.edits})
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        server = servers.name_of(session, fix.server_id)
        rule = room.source(server).core_changes
        permission = permission_of(session, fix.defect_id, fix.template, rule)
    gate_runs.conclude(fix_id, _as_facts("rules", judge_paths(room, server, paths, permission)))
    found, seconds = gate_runs.timed(lambda: shapes_of(room, server, plan))
    gate_runs.record(fix_id, _as_facts("shapes", gates.judge_shapes(found), excerpt="\n".join(found), seconds=seconds))
    return found


def permission_of(
    session: Session, defect_id: int | None, template: str | None, core_changes: CoreChanges
) -> Permission:
    """Return what may allow the fix of a defect to change the core, by the project's rule and for a template."""
    defect = defects.get(session, defect_id) if defect_id is not None else None
    pattern_id = defect.pattern_id if defect else None
    pattern = patterns.get(session, patterns.current(session, pattern_id)) if pattern_id is not None else None
    return Permission(
        core_changes=core_changes,
        pattern=pattern.slug if pattern else None,
        is_allowed_by_pattern=bool(pattern and pattern.allows_core),
        is_chosen=bool(template and defect and defect.template == template),
    )


def judge_paths(room: Workspace, server: str, paths: Sequence[str], permission: Permission) -> Judgement:
    """Judge the paths of a patch: they stay in the tree, and keep the rules of a server's project."""
    try:
        for path in paths:
            edits.check_path(path)
    except EditError as error:
        return Judgement(outcome="failed", detail=str(error))
    source = room.source(server)
    protected = {
        path: rule for path in paths if (rule := protected_paths.rule_for(path, source.protected_paths)) is not None
    }
    level = hierarchy.level_of(paths, source.places)
    return gates.judge_rules(
        protected=protected,
        core=hierarchy.deepest(paths, source.places),
        refusal=hierarchy.refusal(level, permission),
        level=level,
    )


def shapes_of(room: Workspace, server: str, plan: PlannedFix) -> tuple[str, ...]:
    """Return the suspicious shapes that the edits bring into C++ files, each once."""
    repository = room.repository(server)
    found: dict[str, None] = {}
    for path in sorted({edit.path for edit in plan.edits}):
        if source_paths.is_cpp(path):
            before = repository.read_file(plan.base_commit, path) or b""
            found |= dict.fromkeys(shapes.suspicious(before, edited(repository, plan, path)))
    return tuple(found)


@task(name="syntax")
def check_syntax(fix_id: int) -> None:
    """
    Check the syntax of each touched file by the compiler's own words, long before the whole is built.

    Raises:
        GateError: the compiler refuses a file.
    """
    build = gate_runs.enter(fix_id, "COMPILING", "compiling the patch")
    tree, patch = gate_runs.worktree_of(fix_id), _patch(fix_id)
    database = build_commands.compilation_database(tree)
    if not database:
        gate_runs.skip(fix_id, "syntax", f"the build wrote no {compile_commands.FILE_NAME}")
        return
    results: list[tuple[Judgement, Ran]] = []
    for path in facts.changed_files(patch)[:SYNTAX_FILES]:
        command = compile_commands.find(database, str(tree / path))
        words = compile_commands.syntax_only(command) if command else None
        if command is None or words is None or not Path(command.directory).resolve().is_relative_to(tree.resolve()):
            continue
        ran = gate_runs.run(fix_id, words, build, build.compile_timeout_s, directory=Path(command.directory))
        judgement = gates.judge_syntax(
            gate_runs.judge(ran, build.compile_timeout_s), output=ran.result.output, patch=patch
        )
        results.append((judgement, ran))
        if judgement.outcome == "failed":
            gate_runs.conclude(fix_id, gate_runs.facts_of("syntax", judgement, ran))
    if not results:
        gate_runs.skip(fix_id, "syntax", "no command compiles a touched file by itself")
        return
    skipped = next((judgement for judgement, _ in results if judgement.outcome == "skipped"), None)
    judgement = skipped or gates.judge_checked_files(len(results))
    told = gate_runs.facts_of("syntax", judgement, results[-1][1])
    gate_runs.record(fix_id, replace(told, seconds=round(sum(ran.result.seconds for _, ran in results), 3)))


@task(name="static analysis")
def check_statically(fix_id: int) -> None:
    """
    Let the installed analysers look at the changed lines. What they find is shown to the reviewer and stops nothing.

    Raises:
        GateError: they found something.
    """
    build = gate_runs.enter(fix_id, "TESTING", "analysing the patch")
    tree, patch = gate_runs.worktree_of(fix_id), _patch(fix_id)
    changed = {path: lines for path, lines in findings.changed_lines(patch).items() if source_paths.is_cpp(path)}
    if not changed:
        gate_runs.skip(fix_id, "static analysis", "the patch adds no line to a C++ file")
        return
    present = analyzers.installed(build.analyzers)
    if not present:
        gate_runs.skip(fix_id, "static analysis", analyzers.explain_missing(build.analyzers))
        return
    used, found, finished = _analyse(fix_id, build, tree, present, sorted(changed))
    if not finished:
        gate_runs.skip(fix_id, "static analysis", "; ".join(used))
        return
    mine = findings.on_lines(found, changed)
    judgement = gates.judge_findings(mine, tools=used, files=len(changed), lines=sum(map(len, changed.values())))
    told = gate_runs.facts_of("static analysis", judgement, finished[-1])
    seconds = round(sum(ran.result.seconds for ran in finished), 3)
    gate_runs.conclude(fix_id, replace(told, excerpt="\n".join(map(str, mine)) or None, seconds=seconds))


def _analyse(
    fix_id: int, build: BuildSettings, tree: Path, present: Sequence[Analyzer], paths: Sequence[str]
) -> tuple[list[str], tuple[findings.Finding, ...], list[Ran]]:
    """Return what was used, or why it was not; what was found; and the commands that ran to their end."""
    database = build_commands.database_folder(tree)
    used: list[str] = []
    found: tuple[findings.Finding, ...] = ()
    finished: list[Ran] = []
    for analyzer in present:
        words = analyzers.command(analyzer, paths, tree=tree, database=database)
        if words is None:
            used.append(f"{analyzer} needs a {compile_commands.FILE_NAME}, and the build wrote none")
            continue
        try:
            ran = gate_runs.run(fix_id, words, build, build.analysis_timeout_s)
        except FixError as error:
            used.append(str(error))
            continue
        if ran.result.is_timed_out or ran.result.excess or ran.result.returncode not in (0, 1):
            used.append(gate_runs.judge(ran, build.analysis_timeout_s).detail)
            continue
        used.append(analyzer)
        found += findings.parse(ran.result.output, tree=str(tree))
        finished.append(ran)
    return used, found, finished


def _patch(fix_id: int) -> bytes:
    with workspace().database.transaction() as session:
        attempt = fixes.last_attempt(session, fix_id)
        return attempt.patch if attempt and attempt.patch else b""


def _as_facts(name: gates.Gate, judgement: Judgement, *, excerpt: str = "", seconds: float = 0.0) -> GateFacts:
    return GateFacts(
        gate=name,
        outcome=judgement.outcome,
        is_blocking=name in gates.BLOCKING,
        detail=judgement.detail,
        excerpt=excerpt or None,
        seconds=seconds,
    )
