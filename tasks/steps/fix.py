"""One fix on its way: proposal, patch in its own worktree, commit. Triage opened it, publish takes it on."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from prefect import task
from sqlmodel import Session, func, select

from db import crashes, defects, fixes, models, servers, transitions
from db.leases import release_fix
from tasks.clients import git
from tasks.clients.git import Repository
from tasks.core import conventions, edits, hierarchy, source_paths, states
from tasks.core import fixes as templates
from tasks.core.crash import Crash
from tasks.core.edits import SourceEdit
from tasks.core.errors import CrashflowError, EditError, FixError, NotFoundError, RefusalError
from tasks.steps import facts, leases, runs, starting
from tasks.steps.workspace import Workspace, workspace


@dataclass(frozen=True, kw_only=True)
class PlannedFix:
    """
    Edits with paths of the repository, on the commit they are meant for.

    Without ``is_repair`` they only show more of the next crash.
    """

    base_commit: str
    edits: tuple[SourceEdit, ...]
    explanation: str
    is_repair: bool = True


def is_for_analyst(fix_id: int) -> bool:
    """Say whether a fix's patch comes from an analyst, not from a template."""
    with workspace().database.transaction() as session:
        fix = leases.hold(session, fix_id)
        return fix.route == "claude"


@task(name="propose", retries=1, retry_delay_seconds=2, retry_condition_fn=runs.is_worth_another_try)
def propose(fix_id: int) -> PlannedFix | None:
    """
    Ask the template for edits of the newest source; None where it refuses and the fix waits for an analysis instead.

    Raises:
        NotFoundError: there is no such fix, or no such template any more.
        FixError: the source is not configured.
        GitError: git refuses.
    """
    room = workspace()
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        fixes.advance(session, fix, "APPLYING_FIX", reason="taken up", flow_run_id=runs.flow_run_id())
        fixes.begin_attempt(session, fix, f"template {fix.template}")
        server = servers.name_of(session, fix.server_id)
    repository = room.repository(server)
    base = fix.base_commit or newest_commit(repository, room, server)
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        fix.base_commit = base
        try:
            return _plan(session, fix, repository, room.source(server).module_paths)
        except RefusalError as refusal:
            _hand_to_analysis(session, fix, f"the template {fix.template} refused: {refusal}")
            return None


@task(name="apply", retries=1, retry_delay_seconds=2, retry_condition_fn=runs.is_worth_another_try)
def apply(fix_id: int, plan: PlannedFix) -> None:
    """
    Write the edits into a new worktree and store the patch.

    Raises:
        EditError: an edit does not match its file exactly once.
        GitError: git refuses.
    """
    room = workspace()
    # One transaction, so that nobody takes the fix while its worktree is written.
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        server = servers.name_of(session, fix.server_id)
        fix.branch = fix.branch or facts.new_branch(session, room, fix)
        repository = room.repository(server)
        folder = room.settings.worktree_folder / f"fix-{fix_id}"
        tree = repository.create_worktree(folder, branch=fix.branch, base_commit=plan.base_commit)
        paths = sorted({edit.path for edit in plan.edits})
        git.write_files(tree, {path: edited(repository, plan, path) for path in paths})
        fix.explanation, fix.is_repair = plan.explanation, plan.is_repair
        fix.hierarchy_level = hierarchy.level_of(paths, room.source(server).places)
        session.add(fix)
        attempt = fixes.begin_attempt(session, fix, f"template {fix.template}" if fix.template else fix.route)
        attempt.patch = repository.pending_patch(tree, paths=paths)
        session.add(attempt)


@task(name="commit", retries=2, retry_delay_seconds=2, retry_condition_fn=runs.is_worth_another_try)
def commit(fix_id: int) -> str:
    """
    Commit the proven patch in its worktree; return the commit.

    Raises:
        GitError: nothing to commit, or git refuses.
    """
    room = workspace()
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        if fix.head_commit is None:
            fix.head_commit = commit_worktree(session, room, fix)
            session.add(fix)
        return fix.head_commit


def commit_worktree(session: Session, room: Workspace, fix: models.Fix) -> str:
    """
    Commit a fix's patch with the fix's own time, so that every machine makes the same commit of it.

    Raises:
        GitError: nothing to commit, or git refuses.
        FixError: the build or a test changed what was patched.
    """
    server = servers.name_of(session, fix.server_id)
    told = facts.collect(session, room, fix)
    repository, tree = room.repository(server), facts.worktree(session, room, fix)
    if repository.pending_patch(tree, paths=told.files) != told.patch:
        raise FixError(
            f"The build or a test changed {', '.join(told.files)} after the patch was written, so it is not committed:"
            " see which command of [server.build] does that."
        )
    return repository.commit(
        tree,
        paths=told.files,
        message=conventions.commit_message(told, facts.conventions(session, room, fix)),
        author=room.author(server),
        at=fix.created_at,
    )


@task(name="request pull request", retries=2, retry_delay_seconds=2)
def request_pull_request(fix_id: int) -> None:
    """Ask Prefect for the run that may push; asking twice gives the same run, until one takes the fix up."""
    with workspace().database.transaction() as session:
        request = starting.publication_of(session, _get(session, fix_id))
    starting.request_run(request)


@task(name="record failure", retries=2, retry_delay_seconds=1)
def record_failure(fix_id: int, reason: str) -> None:
    """End a fix as FAILED with the words of what failed, and remove its worktree; its patch is kept."""
    room = workspace()
    with room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        # What another run has by now is not ours to end.
        if fix is None or fix.lease_process not in (None, leases.holder().process):
            return
        # What a person has decided on stays decided, whatever a run that was started again makes of it.
        if fix.state in states.FIX_DECIDED:
            return
        fixes.fail(session, fix, reason, runs.flow_run_id())
        server = servers.name_of(session, fix.server_id)
    # What can't be removed now is removed by the recovery of every minute.
    with suppress(CrashflowError):
        room.repository(server).remove_worktree(room.settings.worktree_folder / f"fix-{fix_id}")


def _get(session: Session, fix_id: int) -> models.Fix:
    fix = fixes.get(session, fix_id)
    if fix is None:
        raise NotFoundError(f"There is no fix {fix_id}.")
    return fix


def newest_commit(repository: Repository, room: Workspace, server: str) -> str:
    """Return the newest commit of the branch that a server's fixes are for, once it is fetched."""
    source = room.source(server)
    repository.fetch(source.base_branch)
    return repository.base_commit(f"{source.remote}/{source.base_branch}")


def _plan(session: Session, fix: models.Fix, repository: Repository, module_paths: Sequence[str]) -> PlannedFix:
    crash = crashes.get(session, fix.crash_id)
    assert crash is not None
    assert fix.base_commit is not None
    planned = plan(crashes.value(crash), fix.template or "", Base(repository, fix.base_commit, module_paths))
    if not planned.is_repair:
        _check_chosen(session, fix)
    session.add(fix)
    return planned


@dataclass(frozen=True)
class Base:
    """The source that a fix is meant for: a commit of a clone, and where the module's files lie in it."""

    repository: Repository
    commit: str
    module_paths: Sequence[str]


def plan(crash: Crash, template_slug: str, base: Base) -> PlannedFix:
    """
    Ask a template for edits of the source of a commit.

    Raises:
        NotFoundError: there is no such template any more.
        RefusalError: the template refuses; the text says why.
        GitError: git refuses.
    """
    template, repository = templates.template(template_slug), base.repository
    tracked = repository.list_files(base.commit)
    paths = {file: path for file in template.wanted_files(crash) if (path := source_paths.resolve(file, tracked))}
    found = repository.search(base.commit, template.wanted_texts(crash), base.module_paths)
    paths |= {path: path for path in found if path not in paths.values() and source_paths.is_cpp(path)}
    read = {file: repository.read_file(base.commit, path) for file, path in paths.items()}
    proposal = template.propose(crash, {file: content for file, content in read.items() if content is not None})
    return PlannedFix(
        base_commit=base.commit,
        edits=tuple(replace(edit, path=paths[edit.path]) for edit in proposal.edits),
        explanation=proposal.explanation,
        is_repair=proposal.is_repair,
    )


def _check_chosen(session: Session, fix: models.Fix) -> None:
    """Refuse what only adds diagnosis, unless a person chose its template for the defect."""
    defect = defects.get(session, fix.defect_id)
    if defect is None or defect.template != fix.template:
        raise RefusalError(
            "it adds diagnosis, does not fix, and nobody chose it: "
            f"`crashflow defects template {fix.defect_id} {fix.template}` does."
        )


def _hand_to_analysis(session: Session, fix: models.Fix, reason: str) -> None:
    attempt = fixes.begin_attempt(session, fix, f"template {fix.template}")
    attempt.error = reason
    attempt.finished_at = session.execute(select(func.now())).scalar_one()
    session.add(attempt)
    fix.route, fix.reason = "claude", reason
    release_fix(session, fix)
    transitions.move(session, fix, "ANALYSIS_PENDING", reason=reason, flow_run_id=runs.flow_run_id())


def edited(repository: Repository, plan: PlannedFix, path: str) -> bytes:
    """
    Return a file as it is after the edits that are planned for it.

    Raises:
        EditError: the file is not there, or an edit does not match it exactly once.
    """
    content = repository.read_file(plan.base_commit, path)
    if content is None:
        raise EditError(f"{path} is no regular file of commit {plan.base_commit[:12]}, so no edit of it is taken.")
    return edits.apply(content, [edit for edit in plan.edits if edit.path == path])
