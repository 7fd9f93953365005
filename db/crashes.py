"""Crashes: stored once each, read back as the value that the core knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db import models, placing, storable
from tasks.core import captures, crash_json
from tasks.core.crash import Access, Crash, CrashException, Kind
from tasks.core.matching import PatternMatch, Placement
from tasks.core.signature import SignatureResult
from tasks.core.triage import Assessment

MESSAGE_LIMIT = 4000
TIMES_LIMIT = 1000


@dataclass(frozen=True, kw_only=True)
class CrashFacts:
    """Everything that is stored of a crash. ``capture`` names the files of one crash by their common stem."""

    server_id: int
    dump_id: int
    capture: str
    report_hash: str
    occurred_at: datetime
    crash: Crash
    signature: SignatureResult
    assessment: Assessment
    placement: Placement
    log_window: dict[str, Any] | None


def add(session: Session, facts: CrashFacts) -> int | None:
    """Store a crash; None where another process stored it first."""
    statement = insert(models.Crash).values(**_values(facts)).on_conflict_do_nothing(constraint="crash_is_stored_once")
    identifier: int | None = session.execute(statement.returning(col(models.Crash.id))).scalar_one_or_none()
    if identifier is not None:
        add_dump(session, identifier, facts.dump_id)
        _give_exemplar(session, identifier, facts.placement.defect_id)
    return identifier


def add_dump(session: Session, crash_id: int, dump_id: int) -> None:
    """Note that a dump told of a crash."""
    values = {"crash_id": crash_id, "dump_id": dump_id}
    session.execute(insert(models.CrashDump).values(**values).on_conflict_do_nothing())


def replace(session: Session, crash_id: int, facts: CrashFacts) -> None:
    """Store a crash anew, as a better file of its capture tells it; its match is for the caller to add again."""
    session.execute(update(models.Crash).where(col(models.Crash.id) == crash_id).values(**_values(facts)))
    session.execute(delete(models.Match).where(col(models.Match.crash_id) == crash_id))
    add_dump(session, crash_id, facts.dump_id)
    _give_exemplar(session, crash_id, facts.placement.defect_id)


def enrich(session: Session, row: models.Crash, crash: Crash, assessment: Assessment) -> None:
    """Add what a second file told of a crash that keeps its stack, its name and its place."""
    exception = crash_json.exception_json(crash.exception)
    changed = {
        "kind": exception["kind"],
        "signal": exception["signal"],
        "code": exception["code"],
        "fault_address": exception["address"],
        "access": exception["access"],
        "message": exception["message"][:MESSAGE_LIMIT] if exception["message"] else None,
        "build": crash.build,
        "executable": crash.executable,
        "severity": assessment.severity,
        "category": assessment.category,
        "hypothesis": assessment.hypothesis,
        "suggestions": list(assessment.suggestions),
        "notes": list(crash.notes),
    }
    for name, changed_value in changed.items():
        setattr(row, name, changed_value)
    session.add(row)


def _give_exemplar(session: Session, crash_id: int, defect_id: int | None) -> None:
    if defect_id is not None:
        session.execute(
            text("UPDATE defect SET exemplar_id = coalesce(exemplar_id, :crash) WHERE id = :defect"),
            {"crash": crash_id, "defect": defect_id},
        )


def add_match(session: Session, crash_id: int, pattern_id: int, match: PatternMatch) -> None:
    """Store why a crash matched a pattern, and give the pattern to its defect where that has none."""
    evidence = crash_json.match_json(match)
    session.add(
        models.Match(
            crash_id=crash_id,
            pattern_id=pattern_id,
            score=match.score,
            location=match.location,
            matched=evidence["matched"],
            missing=evidence["missing"],
        )
    )
    session.execute(
        text(
            "UPDATE defect SET pattern_id = :pattern FROM crash"
            " WHERE crash.id = :crash AND defect.id = crash.defect_id AND defect.pattern_id IS NULL"
        ),
        {"pattern": pattern_id, "crash": crash_id},
    )


def get(session: Session, crash_id: int) -> models.Crash | None:
    """Return the row of a crash."""
    return session.get(models.Crash, crash_id)


def match_of(session: Session, crash_id: int) -> models.Match | None:
    """Return the stored match of a crash with a pattern."""
    return session.exec(select(models.Match).where(models.Match.crash_id == crash_id)).first()


def of_dump(session: Session, dump_id: int) -> list[models.Crash]:
    """Return the crashes of which one dump told, in their order there."""
    query = (
        select(models.Crash)
        .join(models.CrashDump, col(models.CrashDump.crash_id) == col(models.Crash.id))
        .where(models.CrashDump.dump_id == dump_id)
    )
    return list(session.exec(query.order_by(col(models.Crash.id))))


def of_capture(session: Session, dump: models.Dump) -> list[models.Crash]:
    """Return the crashes that files of the same capture brought, oldest first."""
    query = select(models.Crash).where(
        models.Crash.server_id == dump.server_id, models.Crash.capture == captures.capture_of(dump.path)
    )
    return list(session.exec(query.order_by(col(models.Crash.id))))


def dumps_of(session: Session, crash_id: int) -> list[models.Dump]:
    """Return the dumps that told of a crash."""
    query = (
        select(models.Dump)
        .join(models.CrashDump, col(models.CrashDump.dump_id) == col(models.Dump.id))
        .where(models.CrashDump.crash_id == crash_id)
    )
    return list(session.exec(query.order_by(col(models.Dump.id))))


def lock_captures(session: Session, places: Iterable[tuple[str, str]]) -> None:
    """
    Hold the captures of these dumps (server's name and path) until the transaction ends.

    Two runs may have the two files of one crash: the second has to see what the first stored. All are taken at once and
    in one order, before anything else is locked, so that no two transactions wait for each other.
    """
    names = {storable.text(f"{server}:{captures.capture_of(path)}") for server, path in places}
    placing.hold(session, names, seed=1)


def known_captures(session: Session, asked: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return which of these captures (server's id and stem) have crashes already."""
    pairs = sorted({(server_id, storable.text(capture)) for server_id, capture in asked})
    query = text(
        "SELECT DISTINCT server_id, capture FROM crash JOIN unnest(CAST(:servers AS bigint[]),"
        " CAST(:captures AS text[])) AS asked (server_id, capture) USING (server_id, capture)"
    )
    values = {"servers": [server for server, _ in pairs], "captures": [capture for _, capture in pairs]}
    return {(server_id, capture) for server_id, capture in session.execute(query, values)}


def similar(session: Session, crash: models.Crash, limit: int = 5) -> list[models.Crash]:
    """Return other crashes of the same defect, newest first."""
    query = (
        select(models.Crash)
        .where(models.Crash.defect_id == crash.defect_id, models.Crash.id != crash.id)
        .order_by(col(models.Crash.occurred_at).desc())
        .limit(limit)
    )
    return list(session.exec(query)) if crash.defect_id is not None else []


def with_different_stacks(session: Session, defect_id: int, recent: int, limit: int) -> list[models.Crash]:
    """Return crashes of a defect with different stacks: one for each, among so many of the newest."""
    query = text(
        "SELECT max(id) FROM (SELECT id, fingerprint FROM crash WHERE defect_id = :defect"
        " ORDER BY occurred_at DESC LIMIT :recent) newest GROUP BY fingerprint ORDER BY 1 DESC LIMIT :limit"
    )
    ids = list(session.execute(query, {"defect": defect_id, "recent": recent, "limit": limit}).scalars())
    return list(session.exec(select(models.Crash).where(col(models.Crash.id).in_(ids)).order_by(col(models.Crash.id))))


def columns(facts: CrashFacts) -> dict[str, Any]:
    """Return a crash as it is stored, by column."""
    return _values(facts)


def value(row: models.Crash) -> Crash:
    """Return the stored crash as the value that parsers return."""
    crashed = crash_json.thread_from_json(row.thread, is_crashed=True)
    return Crash(
        format=row.format,
        exception=CrashException(
            kind=cast("Kind", row.kind),
            code=row.code,
            signal=row.signal,
            address=int(row.fault_address, 16) if row.fault_address else None,
            access=cast("Access | None", row.access),
            message=row.message,
            site=row.thread.get("site"),
            site_function=row.thread.get("site_function"),
        ),
        threads=(crashed, *crash_json.unpack_threads(row.other_threads)),
        build=row.build,
        executable=row.executable,
        command_line=tuple(row.command_line),
        occurred_at=row.occurred_at,
        is_complete=row.status == "ok",
        notes=tuple(row.notes),
    )


def times_near(session: Session, crash: models.Crash, reach: timedelta) -> list[datetime]:
    """Return when crashes of the same defect happened on the same server, this far before and after a crash."""
    query = (
        select(models.Crash.occurred_at)
        .where(
            models.Crash.defect_id == crash.defect_id,
            models.Crash.server_id == crash.server_id,
            col(models.Crash.occurred_at).between(crash.occurred_at - reach, crash.occurred_at + reach),
        )
        .order_by(col(models.Crash.occurred_at).desc())
        .limit(TIMES_LIMIT)
    )
    return list(session.exec(query)) if crash.defect_id is not None else []


def newest(session: Session, defect_id: int | None = None) -> models.Crash | None:
    """Return the newest crash, of one defect or of all."""
    query = select(models.Crash).order_by(col(models.Crash.occurred_at).desc(), col(models.Crash.id).desc()).limit(1)
    if defect_id is not None:
        query = query.where(models.Crash.defect_id == defect_id)
    return session.exec(query).first()


def newest_of_defects(session: Session, crash_ids: Sequence[int]) -> dict[int, int]:
    """Return the newest of these crashes of each defect among them, by defect."""
    query = text(
        "SELECT defect_id, max(id) FROM crash WHERE id = ANY(CAST(:ids AS bigint[])) AND defect_id IS NOT NULL"
        " GROUP BY defect_id"
    )
    return {row.defect_id: row.max for row in session.execute(query, {"ids": list(crash_ids)})}


def _site(crash: Crash) -> dict[str, str]:
    """Return the place that a failed assertion states of itself, which a stack of libraries alone does not show."""
    told = {"site": crash.exception.site, "site_function": crash.exception.site_function}
    return {name: value[:MESSAGE_LIMIT] for name, value in told.items() if value}


def first_of_defects(session: Session, crash_ids: Sequence[int]) -> list[int]:
    """Return those of these crashes by which a defect was learned, or that are of none."""
    query = text("SELECT id FROM crash WHERE id = ANY(CAST(:ids AS bigint[])) AND placement <> 'matched' ORDER BY id")
    return list(session.execute(query, {"ids": list(crash_ids)}).scalars())


def told(facts: CrashFacts) -> dict[str, Any]:
    """Return what is stored of a crash wherever it belongs, by column; the notes lack the one on the placement."""
    crash, signature, assessment = facts.crash, facts.signature, facts.assessment
    location = signature.location.frame if signature.location else None
    exception = crash_json.exception_json(crash.exception)
    return {
        "server_id": facts.server_id,
        "dump_id": facts.dump_id,
        "capture": facts.capture,
        "report_hash": facts.report_hash,
        "format": crash.format,
        "status": "ok" if crash.is_complete and crash.frames else "partial",
        "build": crash.build,
        "executable": crash.executable,
        "command_line": list(crash.command_line),
        "occurred_at": facts.occurred_at,
        "kind": exception["kind"],
        "signal": exception["signal"],
        "code": exception["code"],
        "fault_address": exception["address"],
        "access": exception["access"],
        "message": exception["message"][:MESSAGE_LIMIT] if exception["message"] else None,
        "location_function": signature.location.name if signature.location else None,
        "location_file": location.file if location else None,
        "location_line": location.line if location else None,
        "signature": signature.signature,
        "fingerprint": signature.fingerprint,
        "algorithm": signature.algorithm,
        "in_app": list(signature.in_app),
        "thread": crash_json.stored_thread(crash.crashing_thread) | _site(crash),
        "severity": assessment.severity,
        "category": assessment.category,
        "components": list(assessment.components),
        "is_bot_related": assessment.is_bot_related,
        "hypothesis": assessment.hypothesis,
        "suggestions": list(assessment.suggestions),
        "notes": [*crash.notes, *signature.notes, *assessment.reasons],
    }


def placed(placement: Placement) -> dict[str, Any]:
    """Return what is stored of a crash's place, by column."""
    return {
        "defect_id": placement.defect_id,
        "placement": {"needs_symbols": "needs_symbols", "new": "learned"}.get(placement.how, "matched"),
        "placement_score": placement.score,
    }


def placement_note(placement: Placement) -> str:
    """Say why a crash is where it is."""
    return {
        "key": "placement: an exact key of the defect is a key of this crash",
        "rule": f"placement: the 60% rule with score {placement.score:.0%}, the share of the top ten or three frames",
        "new": "placement: neither a key nor the 60% rule fits a known defect",
    }.get(placement.how, "placement: no frame of ours has a name, so the crash is merged with nothing")


def _values(facts: CrashFacts) -> dict[str, Any]:
    values = told(facts) | placed(facts.placement)
    values["notes"] = [*values["notes"], placement_note(facts.placement)]
    values["other_threads"] = crash_json.pack_threads(facts.crash) if facts.placement.how == "new" else None
    values["log_window"] = facts.log_window
    return values


def in_function(session: Session, function: str, limit: int) -> list[models.Crash]:
    """Return the newest crashes with a function among their frames of ours."""
    query = text("SELECT id FROM crash WHERE in_app @> CAST(:names AS text[]) ORDER BY id DESC LIMIT :limit")
    found = session.execute(query, {"names": [function], "limit": limit}).scalars().all()
    rows = session.exec(select(models.Crash).where(col(models.Crash.id).in_(found)))
    return sorted(rows, key=lambda row: -row.id)
