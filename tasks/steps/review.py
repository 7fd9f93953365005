"""
A person's decision on a fix: recorded for the very commit that was read, carried out on the forge, and final for it.

What the forge refuses is not recorded, so that both say the same.
"""

from typing import Literal

from sqlmodel import Session, func, select

from db import fixes, models, reviews, servers, transitions
from tasks.core.errors import DecisionError, NotFoundError
from tasks.core.redaction import redact
from tasks.steps import forges
from tasks.steps.workspace import Workspace

Decision = Literal["approve", "reject", "changes"]
DECISIONS: tuple[Decision, ...] = ("approve", "reject", "changes")
_STATES: dict[Decision, str] = {"approve": "APPROVED", "reject": "REJECTED", "changes": "ANALYSIS_PENDING"}


def decide(room: Workspace, fix_id: int, decision: Decision, comment: str, author: str) -> str:
    """
    Record a decision and carry it out; return the state that the fix has now.

    An approval marks the draft ready, a rejection closes it, a wish for changes asks for another attempt in it.

    Raises:
        NotFoundError: there is no such fix.
        DecisionError: the fix does not wait for a decision, its branch has moved since, or the comment is missing.
        FixError: the forge refuses; nothing is recorded then.
        GitError: the remote can't be asked for the branch.
    """
    comment = comment.strip()
    if decision != "approve" and not comment:
        raise DecisionError(f"Say with --comment why: a decision to {decision} teaches nothing without its reason.")
    with room.database.transaction() as session:
        fix = fixes.get_locked(session, fix_id)
        if fix is None:
            raise NotFoundError(f"There is no fix {fix_id}; crash_history lists those that are there.")
        _check(session, room, fix, decision)
        _carry_out(room, fix, decision, redact(comment))
        reviews.add(session, fix, decision, comment, author)
        reason = f"{author}: {comment}" if comment else f"approved by {author}"
        if decision == "changes":
            fix.route, fix.reason = "claude", reason
            _continue_from_head(session, fix, reason)
        fix.updated_at = session.execute(select(func.now())).scalar_one()
        _note_pull_request(session, fix, decision)
        transitions.move(session, fix, _STATES[decision], reason=reason, flow_run_id=None)
        return fix.state


def _check(session: Session, room: Workspace, fix: models.Fix, decision: Decision) -> None:
    if fix.state != "AWAITING_APPROVAL" or fix.branch is None:
        raise DecisionError(f"Fix {fix.id} is {fix.state}: only one that is AWAITING_APPROVAL can be decided on.")
    repository = room.repository(servers.name_of(session, fix.server_id))
    credentials = forges.push_credentials(room.settings.configuration.forge, repository.remote_url())
    there = repository.remote_head(fix.branch, environment=credentials)
    # Who rejects may have deleted the branch first.
    if there != fix.head_commit and not (there is None and decision == "reject"):
        moved = f"is at {there[:12]} now" if there else "is gone from the remote"
        raise DecisionError(
            f"The branch {fix.branch} {moved}, and what crashflow proved is {(fix.head_commit or '')[:12]}: read the"
            " new commits, and decide at the forge, or bring the branch back."
        )


def _carry_out(room: Workspace, fix: models.Fix, decision: Decision, comment: str) -> None:
    forge, branch = forges.forge_of(room), fix.branch or ""
    if decision == "reject":
        forge.close(branch, f"Rejected: {comment}")
        return
    if comment:
        forge.comment(branch, f"Changes requested: {comment}" if decision == "changes" else comment)
    if decision == "approve":
        forge.mark_ready(branch)


def _continue_from_head(session: Session, fix: models.Fix, reason: str) -> None:
    """End the attempt that was read; the next one is a commit upon it, so that the branch is never rewritten."""
    attempt = fixes.last_attempt(session, fix.id)
    if attempt is not None and attempt.finished_at is None:
        attempt.error, attempt.finished_at = reason, session.execute(select(func.now())).scalar_one()
        session.add(attempt)
    fix.base_commit, fix.head_commit = fix.head_commit, None


def _note_pull_request(session: Session, fix: models.Fix, decision: Decision) -> None:
    known = fixes.pull_request_of(session, fix.id)
    if known is not None and decision != "changes":
        known.state = "open" if decision == "approve" else "closed"
        session.add(known)
