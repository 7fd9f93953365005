"""Publishing: the proven commit goes to the remote, and a draft pull request tells people. No log text is read here."""

from prefect import task
from sqlmodel import Session

from db import fixes, models, servers
from tasks.clients.forge import Forge, PullRequestDraft
from tasks.core import conventions, pull_requests, states
from tasks.core.conventions import BRANCH_PREFIX
from tasks.core.errors import FixError, GitError, NotFoundError
from tasks.steps import facts, forges, leases, runs
from tasks.steps.fix import commit_worktree
from tasks.steps.workspace import Workspace, workspace


@task(name="push", retries=2, retry_delay_seconds=2, retry_condition_fn=runs.is_worth_another_try)
def push(fix_id: int) -> str:
    """
    Push the fix's branch; return the commit that is there now.

    Raises:
        NotFoundError: there is no such fix.
        GitError: the remote refuses, or holds a commit of somebody else.
        FixError: a person has decided on the fix.
    """
    room = workspace()
    with room.database.transaction() as session:
        fix = _undecided(leases.hold(session, fix_id))
        tree = facts.worktree(session, room, fix)
        repository = room.repository(servers.name_of(session, fix.server_id))
        head = repository.base_commit(f"refs/heads/{tree.branch}")
        if head == fix.base_commit:
            # What lies there may be half of what a killed run was making.
            repository.remove_worktree(tree.path)
            head = commit_worktree(session, room, fix)
        if fix.head_commit is not None and head != fix.head_commit:
            raise GitError(f"The branch {tree.branch} holds {head[:12]}, not the proven commit {fix.head_commit[:12]}.")
        credentials = forges.push_credentials(room.settings.configuration.forge, repository.remote_url())
        repository.push(tree, prefix=BRANCH_PREFIX, environment=credentials)
        fixes.advance(session, fix, "PR_CREATED", reason=f"pushed {tree.branch}", flow_run_id=runs.flow_run_id())
    return head


@task(name="open draft", retries=2, retry_delay_seconds=2, retry_condition_fn=runs.is_worth_another_try)
def open_draft(fix_id: int) -> str:
    """
    Open the draft pull request, or bring the fix's one up to date; return its URL.

    Raises:
        FixError: the forge refuses.
    """
    room = workspace()
    with room.database.transaction() as session:
        fix = _undecided(leases.hold(session, fix_id))
        draft, forge = _draft(session, room, fix), forges.forge_of(room)
        reference = forge.open_draft(draft)
        for note in (*reference.notes, *_close_superseded(session, forge, fix, reference.url)):
            print(note)  # noqa: T201  Prefect logs it
        fixes.record_pull_request(
            session,
            models.PullRequest(
                fix_id=fix_id,
                forge=room.settings.configuration.forge.kind,
                number=reference.number,
                url=reference.url,
                title=draft.title,
                branch=draft.branch,
                head_commit=draft.head_commit,
                state=reference.state,
            ),
        )
        fixes.advance(
            session, fix, "AWAITING_APPROVAL", reason=f"draft {reference.url}", flow_run_id=runs.flow_run_id()
        )
    return reference.url


@task(name="clean up")
def remove_worktree(fix_id: int) -> None:
    """Remove the worktree of a published fix; commit and patch are kept elsewhere."""
    room = workspace()
    with room.database.transaction() as session:
        fix = _get(session, fix_id)
        repository = room.repository(servers.name_of(session, fix.server_id))
    repository.remove_worktree(room.settings.worktree_folder / f"fix-{fix_id}")


def _close_superseded(session: Session, forge: Forge, fix: models.Fix, url: str) -> list[str]:
    """Close the drafts that earlier fixes of the defect left open: it has one. Returns what could not be done."""
    notes = []
    for old in fixes.superseded_pull_requests(session, fix):
        try:
            forge.close(old.branch, f"A newer fix of the same defect takes its place: {url}")
        except FixError as error:
            notes.append(f"The older draft {old.url} could not be closed: {error}")
            continue
        old.state = "closed"
        session.add(old)
    return notes


def _undecided(fix: models.Fix) -> models.Fix:
    if fix.state in states.FIX_DECIDED:
        raise FixError(f"Fix {fix.id} is {fix.state}: what a person decided on is not published again.")
    return fix


def _draft(session: Session, room: Workspace, fix: models.Fix) -> PullRequestDraft:
    if fix.branch is None or fix.head_commit is None:
        raise FixError(f"Fix {fix.id} has no commit to publish.")
    told = facts.collect(session, room, fix)
    rules = facts.conventions(session, room, fix)
    return PullRequestDraft(
        title=conventions.title(told, rules),
        body=pull_requests.render_body(told, rules),
        branch=fix.branch,
        base=room.source(servers.name_of(session, fix.server_id)).base_branch,
        head_commit=fix.head_commit,
        labels=rules.labels if told.is_repair else rules.diagnosis_labels,
    )


def _get(session: Session, fix_id: int) -> models.Fix:
    fix = fixes.get(session, fix_id)
    if fix is None:
        raise NotFoundError(f"There is no fix {fix_id}.")
    return fix
