"""The story of a crash and of a fix, collected from the database for reports and summaries. Imports no Prefect."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from db import crashes, defects, dumps, fixes, models, patterns, servers, transitions
from tasks.core import crash_loop, gates, matching, signature, timeline
from tasks.core.crash_report import (
    CrashReport,
    DefectFacts,
    DumpFacts,
    Judgement,
    Naming,
    NearDefect,
    PlacementEvidence,
    Related,
    SimilarCrash,
)
from tasks.core.frames import StackLists
from tasks.core.matching import Shape
from tasks.core.reports import FixReport
from tasks.core.timeline import Step
from tasks.steps import facts

LOOP_REACH = timedelta(hours=6)
NEAR_SHOWN = 5
_MESSAGE_SHOWN = 300


def crash_report(session: Session, crash_id: int, lists: StackLists) -> CrashReport:
    """Collect what the report of a crash shows."""
    row = crashes.get(session, crash_id)
    assert row is not None
    dump = dumps.get(session, row.dump_id)
    assert dump is not None
    defect = defects.get(session, row.defect_id) if row.defect_id is not None else None
    crash = crashes.value(row)
    shape = matching.shape(signature.generate(crash, lists))
    return CrashReport(
        crash_id=crash_id,
        server=servers.name_of(session, row.server_id),
        occurred_at=row.occurred_at.astimezone(),
        dump=DumpFacts(dump_id=dump.id, path=dump.path, kind=dump.kind, sha256=dump.sha256),
        crash=crash,
        naming=_naming(row),
        judgement=_judgement(row),
        placement=_evidence(row, shape, defects.shape_of(defect) if defect else None),
        defect=_defect(defect) if defect else None,
        related=_related(session, row, shape, defect) if defect else Related(),
        pattern=pattern_evidence(session, crash_id),
        log_window=row.log_window,
    )


def _naming(row: models.Crash) -> Naming:
    return Naming(
        signature=row.signature,
        algorithm=row.algorithm,
        fingerprint=row.fingerprint,
        in_app=tuple(row.in_app),
        location=(row.location_function, row.location_file, row.location_line),
    )


def _judgement(row: models.Crash) -> Judgement:
    return Judgement(
        severity=row.severity,
        category=row.category,
        components=tuple(row.components),
        is_bot_related=row.is_bot_related,
        hypothesis=row.hypothesis,
        suggestions=tuple(row.suggestions),
    )


def _evidence(row: models.Crash, here: Shape, there: Shape | None) -> PlacementEvidence:
    """Compare the names of the crash with those that its defect learned from its first crash."""
    learned = there.in_app if there else ()
    return PlacementEvidence(
        how=row.placement,
        score=row.placement_score,
        shared=tuple(name for name in here.in_app if name in learned),
        only_here=tuple(name for name in here.in_app if name not in learned),
        only_there=tuple(name for name in learned if name not in here.in_app),
    )


def _defect(defect: models.Defect) -> DefectFacts:
    return DefectFacts(
        defect_id=defect.id,
        signature=defect.signature,
        crashes=defect.crash_count,
        exemplar_id=defect.exemplar_id,
        first_seen=defect.first_seen.astimezone(),
        last_seen=defect.last_seen.astimezone(),
        first_build=defect.first_build,
        last_build=defect.last_build,
        state=defect.state,
        route=defect.route,
        route_reason=defect.route_reason,
    )


def _related(session: Session, row: models.Crash, shape: Shape, defect: models.Defect) -> Related:
    times = crashes.times_near(session, row, LOOP_REACH)
    return Related(
        similar=tuple(_similar(session, other) for other in crashes.similar(session, row)),
        near=tuple(_near(shape, other) for other in defects.at_location(session, defect, NEAR_SHOWN)),
        loop=crash_loop.find([time.astimezone() for time in times], row.occurred_at.astimezone()),
    )


def _similar(session: Session, other: models.Crash) -> SimilarCrash:
    return SimilarCrash(
        crash_id=other.id,
        occurred_at=other.occurred_at.astimezone(),
        server=servers.name_of(session, other.server_id),
        build=other.build,
        message=other.message[:_MESSAGE_SHOWN] if other.message else None,
    )


def _near(shape: Shape, other: models.Defect) -> NearDefect:
    theirs = defects.shape_of(other)
    score = matching.similarity(shape, theirs)
    return NearDefect(
        defect_id=other.id,
        signature=other.signature,
        crashes=other.crash_count,
        score=score,
        why_apart=_why_apart(shape, theirs),
    )


def _why_apart(shape: Shape, theirs: Shape) -> str:
    if shape.assertion != theirs.assertion:
        return f"another condition failed there: {theirs.assertion or 'none'}"
    shared = len(set(shape.in_app) & set(theirs.in_app))
    return f"only {shared} of {max(len(shape.in_app), len(theirs.in_app))} names are shared, 60% both ways are needed"


def pattern_evidence(session: Session, crash_id: int) -> dict[str, Any] | None:
    """Return the stored match of a crash with its pattern: which expression hit which frame, which hit none."""
    match = crashes.match_of(session, crash_id)
    if match is None:
        return None
    return {
        "slug": patterns.get(session, match.pattern_id).slug,
        "score": match.score,
        "location": match.location,
        "matched": match.matched,
        "missing": list(match.missing),
    }


def fix_report(session: Session, fix_id: int) -> FixReport:
    """Collect what the report of a fix shows."""
    fix = fixes.get(session, fix_id)
    assert fix is not None
    defect = defects.get(session, fix.defect_id)
    attempt = fixes.last_attempt(session, fix_id)
    results = fixes.gates(session, fix_id)
    pull_request = fixes.pull_request_of(session, fix_id)
    return FixReport(
        fix_id=fix_id,
        signature=defect.signature if defect else "unknown defect",
        state=fix.state,
        route=fix.route,
        reason=fix.reason,
        explanation=fix.explanation,
        is_repair=fix.is_repair,
        confidence=gates.confidence({result.gate: result.outcome for result in results}),  # type: ignore[misc]
        branch=fix.branch,
        head_commit=fix.head_commit,
        patch=attempt.patch if attempt else None,
        gates=facts.gate_facts(results),
        pull_request=pull_request.url if pull_request else None,
        steps=steps_of(session, fix),
    )


def steps_of(session: Session, fix: models.Fix) -> tuple[Step, ...]:
    """Return how long each step of a fix took, from its dump on."""
    crash = crashes.get(session, fix.crash_id)
    dump = dumps.get(session, crash.dump_id) if crash else None
    moments = {"detected": dump.detected_at, "stored": crash.created_at} if crash and dump else {}
    states = [(each.state_to, each.at) for each in transitions.history(session, "fix", fix.id)]
    return timeline.steps(moments, states, {result.gate: result.seconds for result in fixes.gates(session, fix.id)})
