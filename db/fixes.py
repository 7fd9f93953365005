"""Fixes: one open fix a defect, its attempts, gates, questions and pull request."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db import transitions
from db.models import Analysis, Fix, FixAttempt, GateResult, PullRequest
from tasks.core import states

_ENDS = tuple(states.FIX_ENDS)


@dataclass(frozen=True, kw_only=True)
class NewFix:
    """What triage decided: for which defect, shown by which crash, by which route."""

    defect_id: int
    server_id: int
    crash_id: int
    pattern_id: int | None
    route: str
    template: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class GateFacts:
    """What one check said. ``outcome`` is passed, failed or skipped; ``excerpt`` the words of its tool."""

    gate: str
    outcome: str
    is_blocking: bool
    detail: str
    excerpt: str | None = None
    command: Sequence[str] = ()
    sandbox: str | None = None
    seconds: float = 0.0


def open_fix(session: Session, new: NewFix, flow_run_id: str | None) -> Fix | None:
    """Open a fix; None where the defect has an open one already."""
    # Not FOR UPDATE: whoever stores crashes of the defect holds its key and will wait for us to count them.
    session.execute(text("SELECT id FROM defect WHERE id = :id FOR NO KEY UPDATE"), {"id": new.defect_id})
    if find_open(session, new.defect_id) is not None:
        return None
    fix = Fix(
        defect_id=new.defect_id,
        server_id=new.server_id,
        crash_id=new.crash_id,
        pattern_id=new.pattern_id,
        route=new.route,
        template=new.template,
        reason=new.reason,
    )
    start = "FIX_GENERATED" if new.route == "template" else "ANALYSIS_PENDING"
    transitions.begin(session, fix, start, reason=new.reason, flow_run_id=flow_run_id)
    return fix


def get(session: Session, fix_id: int) -> Fix | None:
    """Return a fix by its id."""
    return session.get(Fix, fix_id)


def get_locked(session: Session, fix_id: int) -> Fix | None:
    """Return a fix by its id, and keep everybody else from changing it until the transaction ends."""
    return session.get(Fix, fix_id, with_for_update=True)


def find_open(session: Session, defect_id: int) -> Fix | None:
    """Return the open fix of a defect."""
    query = select(Fix).where(Fix.defect_id == defect_id, col(Fix.state).not_in(states.FIX_ENDS))
    return session.exec(query).first()


def open_of(session: Session, defect_ids: Sequence[int]) -> dict[int, Fix]:
    """Return the open fixes of these defects, by defect."""
    query = select(Fix).where(col(Fix.defect_id).in_(defect_ids), col(Fix.state).not_in(states.FIX_ENDS))
    return {fix.defect_id: fix for fix in session.exec(query)}


def newest(session: Session, defect_id: int) -> Fix | None:
    """Return the newest fix of a defect, open or ended."""
    return session.exec(select(Fix).where(Fix.defect_id == defect_id).order_by(col(Fix.id).desc())).first()


def standings(session: Session) -> list[tuple[Fix, bool]]:
    """Return the open fixes on their way to a person, or under a lease; and of each whether a living run holds it."""
    is_held = func.coalesce(col(Fix.lease_until) > func.now(), text("false"))
    query = select(Fix, is_held).where(
        col(Fix.state).in_((*states.FIX_WAY[:-1], "ANALYSIS_PENDING", "ANALYZING"))
        | (col(Fix.lease_until).is_not(None) & (col(Fix.state).not_in(_ENDS)))
    )
    return [(fix, held) for fix, held in session.exec(query.order_by(col(Fix.id)))]


def note_failed_start(session: Session, fix: Fix) -> None:
    """Count a run that ended before it took the fix up, so that the next one is another."""
    fix.taken_up += 1
    fix.stalls += 1
    session.add(fix)


def at_work(session: Session) -> frozenset[int]:
    """Return the ids of the fixes whose worktrees are needed: on their way to a person, or held by a run."""
    is_held = col(Fix.lease_until) > func.now()
    return frozenset(session.exec(select(Fix.id).where(col(Fix.state).in_(states.FIX_WAY[:-1]) | is_held)))


def unpublished_branches(session: Session, server_id: int) -> list[str]:
    """Return the branches of closed fixes of a server that came to no pull request."""
    query = (
        select(Fix.branch)
        .outerjoin(PullRequest, col(PullRequest.fix_id) == Fix.id)
        .where(
            Fix.server_id == server_id,
            col(Fix.state).in_(_ENDS),
            col(Fix.branch).is_not(None),
            col(PullRequest.id).is_(None),
        )
    )
    return [branch for branch in session.exec(query) if branch]


def advance(session: Session, fix: Fix, state: str, *, reason: str, flow_run_id: str | None) -> None:
    """
    Bring a fix to a state of its way; a run that repeats after a crash passes states that were reached before.

    Raises:
        TransitionError: the fix is on another way by now (ended, or waiting for an analysis).
    """
    way = states.FIX_WAY
    if fix.state in way and state in way and way.index(fix.state) >= way.index(state):
        return
    fix.stalls = 0
    fix.updated_at = session.execute(select(func.now())).scalar_one()
    transitions.move(session, fix, state, reason=reason, flow_run_id=flow_run_id)


def fail(session: Session, fix: Fix, reason: str, flow_run_id: str | None) -> None:
    """End a fix as FAILED, and its attempt with the same words."""
    if fix.state in states.FIX_ENDS:
        return
    attempt = last_attempt(session, fix.id)
    if attempt is not None and attempt.finished_at is None:
        attempt.error = reason
        attempt.finished_at = session.execute(select(func.now())).scalar_one()
        session.add(attempt)
    fix.reason = reason
    question = analysis_of(session, fix.id)
    if question is not None and question.state == "asking":
        question.state, question.error = "failed", reason
        question.finished_at = session.execute(select(func.now())).scalar_one()
        session.add(question)
    fix.lease_until = fix.lease_process = None
    fix.updated_at = session.execute(select(func.now())).scalar_one()
    transitions.move(session, fix, "FAILED", reason=reason, flow_run_id=flow_run_id)


def begin_attempt(session: Session, fix: Fix, origin: str) -> FixAttempt:
    """Return the attempt that is going on, or begin the next one."""
    attempt = last_attempt(session, fix.id)
    if attempt is None or attempt.finished_at is not None:
        attempt = FixAttempt(fix_id=fix.id, number=(attempt.number if attempt else 0) + 1, origin=origin)
        session.add(attempt)
        session.flush()
    return attempt


def last_attempt(session: Session, fix_id: int) -> FixAttempt | None:
    """Return the newest attempt of a fix."""
    query = select(FixAttempt).where(FixAttempt.fix_id == fix_id).order_by(col(FixAttempt.number).desc())
    return session.exec(query).first()


def approved_of_analysts(session: Session, limit: int) -> list[tuple[Fix, bytes]]:
    """Return the newest fixes without a pattern that a person approved, each with the patch of its last attempt."""
    query = (
        select(Fix)
        .where(Fix.route != "template", col(Fix.pattern_id).is_(None), col(Fix.state).in_(states.FIX_APPROVED))
        .order_by(col(Fix.id).desc())
        .limit(limit)
    )
    found = ((fix, last_attempt(session, fix.id)) for fix in session.exec(query).all())
    return [(fix, attempt.patch) for fix, attempt in found if attempt is not None and attempt.patch]


def attempts_of(session: Session, fix_id: int) -> list[FixAttempt]:
    """Return the attempts of a fix, oldest first."""
    return list(session.exec(select(FixAttempt).where(FixAttempt.fix_id == fix_id).order_by(col(FixAttempt.number))))


def record_gate(session: Session, attempt_id: int, gate: GateFacts) -> None:
    """Store what a gate said of an attempt; a repeated run replaces it."""
    values = {
        "outcome": gate.outcome,
        "is_blocking": gate.is_blocking,
        "detail": gate.detail,
        "excerpt": gate.excerpt,
        "command": list(gate.command),
        "sandbox": gate.sandbox,
        "seconds": gate.seconds,
    }
    statement = insert(GateResult).values(fix_attempt_id=attempt_id, gate=gate.gate, **values)
    session.execute(statement.on_conflict_do_update(constraint="gate_result_is_single", set_=values))


def gates(session: Session, fix_id: int) -> list[GateResult]:
    """Return the gates of a fix's newest attempt in the order in which they ran."""
    attempt = last_attempt(session, fix_id)
    if attempt is None:
        return []
    query = select(GateResult).where(GateResult.fix_attempt_id == attempt.id).order_by(col(GateResult.id))
    return list(session.exec(query))


def add_analysis(session: Session, analysis: Analysis) -> None:
    """Store a question; asking it twice stores it once."""
    known = session.exec(select(Analysis).where(Analysis.request_id == analysis.request_id)).first()
    if known is None:
        session.add(analysis)


def analysis_of(session: Session, fix_id: int) -> Analysis | None:
    """Return the newest question of a fix that is to repair it."""
    query = select(Analysis).where(Analysis.fix_id == fix_id, Analysis.purpose == "repair")
    return session.exec(query.order_by(col(Analysis.id).desc())).first()


def second_opinion_of(session: Session, fix_id: int) -> Analysis | None:
    """Return the newest question that asked to doubt the patch of a fix."""
    query = select(Analysis).where(Analysis.fix_id == fix_id, Analysis.purpose == "second opinion")
    return session.exec(query.order_by(col(Analysis.id).desc())).first()


def record_pull_request(session: Session, pull_request: PullRequest) -> None:
    """Store the pull request of a fix, or bring the stored one up to date."""
    known = pull_request_of(session, pull_request.fix_id)
    if known is None:
        session.add(pull_request)
        return
    for name in ("number", "url", "title", "branch", "head_commit", "state"):
        setattr(known, name, getattr(pull_request, name))
    known.updated_at = session.execute(select(func.now())).scalar_one()
    session.add(known)


def pull_request_of(session: Session, fix_id: int) -> PullRequest | None:
    """Return the pull request of a fix."""
    return session.exec(select(PullRequest).where(PullRequest.fix_id == fix_id)).first()


def superseded_pull_requests(session: Session, fix: Fix) -> list[PullRequest]:
    """Return the pull requests of earlier, ended fixes of the same defect that are still open."""
    query = (
        select(PullRequest)
        .join(Fix, col(Fix.id) == PullRequest.fix_id)
        .where(
            Fix.defect_id == fix.defect_id,
            Fix.id < fix.id,
            col(Fix.state).in_(("FAILED", "REJECTED")),
            col(PullRequest.state).in_(("draft", "open")),
        )
    )
    return list(session.exec(query.order_by(col(PullRequest.id))))
