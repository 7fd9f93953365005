"""Triage: each defect that got a crash gets its route, and a fix row where something is to be done."""

from dataclasses import dataclass, replace

from prefect import task
from sqlmodel import Session

from db import crashes, defects, fixes, imports, models, patterns, servers
from db.fixes import NewFix
from tasks.core import states, triage
from tasks.core.errors import NotFoundError
from tasks.core.triage import DefectSituation, RouteDecision
from tasks.steps import runs, starting
from tasks.steps.workspace import Workspace, workspace


@dataclass(frozen=True, kw_only=True)
class TriagedDefect:
    """What triage decided for a defect; ``fix_id`` is the fix that is open now, if any."""

    defect_id: int
    signature: str
    route: str
    reason: str
    fix_id: int | None
    fix_state: str | None


@task(name="triage", retries=2, retry_delay_seconds=1)
def triage_defects(crash_ids: list[int], *, is_asked: bool = False) -> list[TriagedDefect]:
    """
    Choose the route of each defect among these crashes and open its fix, one transaction a defect.

    Where a person asked for it (``is_asked``), a defect whose last fix failed gets another one.
    """
    return triage_in(workspace(), crash_ids, is_asked=is_asked)


def triage_in(
    room: Workspace, crash_ids: list[int], *, is_asked: bool = False, is_again: bool = False
) -> list[TriagedDefect]:
    """
    Triage in a given installation; a defect for which nothing changes costs no transaction of its own.

    With ``is_again`` a defect whose fix was rejected gets another one as well.
    """
    with room.database.transaction() as session:
        newest = crashes.newest_of_defects(session, crash_ids)
        busy = fixes.open_of(session, list(newest))
        waiting = [_waiting(session, defect_id, fix) for defect_id, fix in busy.items()]
    decided = {each.defect_id: each for each in waiting if each is not None}
    for defect_id, crash_id in sorted(newest.items()):
        if defect_id not in decided:
            with room.database.transaction() as session:
                decided[defect_id] = _triage(session, room, (defect_id, crash_id), is_asked=is_asked, is_again=is_again)
    return [decided[defect_id] for defect_id in sorted(decided)]


def _waiting(session: Session, defect_id: int, fix: models.Fix) -> TriagedDefect | None:
    """Decide for a defect whose fix is open, as most are in a storm; None where another rule may speak first."""
    defect = defects.get(session, defect_id)
    if defect is None or defect.id != defect_id or defect.state == "silenced":
        return None
    decision = triage.route(None, DefectSituation(has_open_fix=True, has_source=True))
    return TriagedDefect(
        defect_id=defect_id,
        signature=defect.signature,
        route=decision.route,
        reason=decision.reason,
        fix_id=fix.id,
        fix_state=fix.state,
    )


def _triage(
    session: Session, room: Workspace, ids: tuple[int, int], *, is_asked: bool, is_again: bool
) -> TriagedDefect:
    defect_id, crash_id = ids
    defect = defects.get(session, defect_id)
    crash = crashes.get(session, crash_id)
    assert defect is not None
    assert crash is not None
    pattern_id = patterns.current(session, defect.pattern_id) if defect.pattern_id is not None else None
    pattern = patterns.get(session, pattern_id) if pattern_id is not None else None
    situation = _situation(session, room, crash, defect, pattern_id)
    if is_asked:
        is_retry_allowed = situation.is_retry_allowed or is_again or situation.last_fix_state == "FAILED"
        situation = replace(situation, is_retry_allowed=is_retry_allowed, is_history=False)
    decision = triage.route(pattern, situation)
    if decision.route != "skip":
        defect.route, defect.route_reason = decision.route, decision.reason
        session.add(defect)
    template = defect.template or (pattern.template if pattern else None)
    fix = _open(session, crash, pattern_id, decision, template) if decision.route in {"template", "claude"} else None
    current = fix or fixes.newest(session, defect.id)
    return TriagedDefect(
        defect_id=defect.id,
        signature=defect.signature,
        route=decision.route,
        reason=decision.reason,
        fix_id=current.id if current else None,
        fix_state=current.state if current else None,
    )


def _situation(
    session: Session, room: Workspace, crash: models.Crash, defect: models.Defect, pattern_id: int | None
) -> DefectSituation:
    last = fixes.newest(session, defect.id)
    is_ended = last is not None and last.state in states.FIX_ENDS
    return DefectSituation(
        has_open_fix=last is not None and not is_ended,
        has_source=room.server(servers.name_of(session, crash.server_id)).source is not None,
        is_silenced=defect.state == "silenced",
        template=defect.template,
        needs_symbols=crash.fingerprint is None,
        is_history=imports.are_all_imported(session, defect.id),
        last_fix_state=last.state if last is not None and is_ended else None,
        # A new version of the defect's pattern may do what the old one could not.
        # So may a template that a person chose since.
        is_retry_allowed=last is not None
        and (
            (pattern_id is not None and pattern_id != last.pattern_id)
            or (defect.template is not None and defect.template != last.template)
        ),
    )


def _open(
    session: Session, crash: models.Crash, pattern_id: int | None, decision: RouteDecision, template: str | None
) -> models.Fix | None:
    assert crash.defect_id is not None
    new = NewFix(
        defect_id=crash.defect_id,
        server_id=crash.server_id,
        crash_id=crash.id,
        pattern_id=pattern_id,
        route=decision.route,
        template=template if decision.route == "template" else None,
        reason=decision.reason,
    )
    return fixes.open_fix(session, new, runs.flow_run_id())


def fix_run_name() -> str:
    """
    Return the name under which people see the run of the fix that its parameter names.

    Raises:
        NotFoundError: there is no such fix.
    """
    fix_id = runs.parameter("fix_id")
    with workspace().database.transaction() as session:
        fix = fixes.get(session, int(fix_id or 0))
        if fix is None:
            raise NotFoundError(f"There is no fix {fix_id}.")
        return starting.name_of(session, fix)


def publish_run_name() -> str:
    """Return the name under which people see the run that publishes the fix."""
    return f"pull request of {fix_run_name()}"
