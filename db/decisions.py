"""
What people decide about defects: written into columns of their own, which no rule writes, with who did it and why.

Placement follows merges, reanalysis leaves placed crashes where they are, and triage asks for the chosen template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from db import defects, fixes, transitions
from db.defects import Sighting
from db.history_models import Decision
from db.models import Crash, Defect, DefectKey
from tasks.core.errors import DecisionError, NotFoundError


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Who decided, and why."""

    by: str
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Split:
    """The defect that a split made; further crashes with the stacks of ``ambiguous`` ones stay with the old defect."""

    defect_id: int
    moved: tuple[int, ...]
    ambiguous: tuple[int, ...]


def find(session: Session, defect_id: int) -> Defect:
    """
    Return a defect, following merges.

    Raises:
        NotFoundError: there is none of this id.
    """
    defect = defects.get(session, defect_id) if 0 < defect_id < 2**63 else None
    if defect is None:
        raise NotFoundError(f"There is no defect {defect_id}; `crashflow defects list` shows them.")
    return defect


def of_defect(session: Session, defect_id: int) -> list[Decision]:
    """Return what was decided about a defect, oldest first."""
    query = select(Decision).where(Decision.defect_id == defect_id)
    return list(session.exec(query.order_by(col(Decision.id))))


def promoted(session: Session) -> frozenset[int]:
    """Return the defects of which somebody had a pattern drafted."""
    return frozenset(session.exec(select(Decision.defect_id).where(Decision.kind == "promote")))


def rename(session: Session, defect_id: int, title: str | None, decided: Decided) -> Defect:
    """Give a defect a title of a person's own, or with None its signature again."""
    defect = find(session, defect_id)
    told = {"before": defect.title, "after": title}
    defect.title = title
    return record(session, defect, "rename", told, decided)


def choose_template(session: Session, defect_id: int, template: str | None, decided: Decided) -> Defect:
    """Let a template repair a defect, whatever its pattern says; None takes that back."""
    defect = find(session, defect_id)
    told = {"before": defect.template, "after": template}
    defect.template = template
    return record(session, defect, "template", told, decided)


def silence(session: Session, defect_id: int, decided: Decided) -> Defect:
    """Let a defect get no more fixes; its crashes are counted all the same."""
    defect = find(session, defect_id)
    if defect.state == "silenced":
        raise DecisionError(f"Defect {defect.id} is silenced already.")
    before = defect.state
    transitions.move(session, defect, "silenced", reason=decided.comment or f"silenced by {decided.by}")
    return record(session, defect, "silence", {"before": before}, decided)


def unsilence(session: Session, defect_id: int, decided: Decided) -> Defect:
    """Open a silenced defect again."""
    defect = find(session, defect_id)
    if defect.state != "silenced":
        raise DecisionError(f"Defect {defect.id} is not silenced, it is {defect.state}.")
    transitions.move(session, defect, "open", reason=decided.comment or f"opened again by {decided.by}")
    return record(session, defect, "unsilence", {}, decided)


def merge(session: Session, defect_id: int, into: int, decided: Decided) -> Defect:
    """
    Make one defect of two: crashes and keys of the first go to the second, and what is like the first goes there too.

    Raises:
        DecisionError: they are one already, or both have an open fix.
    """
    _lock(session, defect_id, into)
    source, target = find(session, defect_id), find(session, into)
    if source.id == target.id:
        raise DecisionError(f"Defects {defect_id} and {into} are one already: {target.id}.")
    open_fixes = [fix for fix in (fixes.find_open(session, each.id) for each in (source, target)) if fix]
    if len(open_fixes) == 2:
        named = " and ".join(str(fix.id) for fix in open_fixes)
        raise DecisionError(f"Both defects have an open fix ({named}); wait until one of them has ended.")
    ids = {"source": source.id, "target": target.id}
    for statement in _MERGE:
        session.execute(text(statement), ids)
    session.refresh(source)
    session.refresh(target)
    told = {"merged": source.id, "crashes": source.crash_count}
    source.merged_into, source.is_merge_decided, source.crash_count = target.id, True, 0
    session.add(source)
    record(session, source, "merge", {"into": target.id}, decided)
    return record(session, target, "merge", told, decided)


_MERGE = (
    "UPDATE crash SET defect_id = :target WHERE defect_id = :source",
    "UPDATE defect_key SET defect_id = :target WHERE defect_id = :source",
    (
        "UPDATE fix SET defect_id = :target WHERE defect_id = :source"
        " AND state NOT IN ('DEPLOYED', 'REJECTED', 'FAILED')"
    ),
    (
        "UPDATE defect SET crash_count = defect.crash_count + source.crash_count,"
        " pattern_id = coalesce(defect.pattern_id, source.pattern_id),"
        " first_build = CASE WHEN source.first_seen < defect.first_seen THEN source.first_build"
        " ELSE defect.first_build END,"
        " last_build = CASE WHEN source.last_seen > defect.last_seen"
        " THEN coalesce(source.last_build, defect.last_build) ELSE defect.last_build END,"
        " first_seen = least(defect.first_seen, source.first_seen),"
        " last_seen = greatest(defect.last_seen, source.last_seen)"
        " FROM defect source WHERE source.id = :source AND defect.id = :target"
    ),
)


def split(session: Session, defect_id: int, sightings: Mapping[int, Sighting], decided: Decided) -> Split:
    """
    Make a defect of its own of some crashes; they stay there, and further ones with their stacks go there.

    ``sightings`` say by the crashes' ids how the rules of today see them; the defect is learned from the first.

    Raises:
        NotFoundError: a crash is not one of the defect's.
        DecisionError: no crash would be left.
    """
    _lock(session, defect_id)
    defect = find(session, defect_id)
    chosen = select(Crash).where(col(Crash.id).in_(sightings), Crash.defect_id == defect.id)
    rows = list(session.exec(chosen.order_by(col(Crash.id))))
    if strangers := sorted(set(sightings) - {row.id for row in rows}):
        raise NotFoundError(
            f"Defect {defect.id} has no crash {strangers[0]}; `crashflow defects show` lists its crashes."
        )
    others = select(Crash.id).where(Crash.defect_id == defect.id, col(Crash.id).not_in(sightings))
    if session.exec(others.limit(1)).first() is None:
        raise DecisionError(f"These are all crashes of defect {defect.id}: nothing would be left of it.")
    part = _part(session, defect, sightings[rows[0].id], decided)
    ambiguous = _give_keys(session, (defect.id, part.id), rows, sightings)
    for row in rows:
        row.defect_id, row.is_place_decided = part.id, True
        session.add(row)
    session.flush()
    for each in (defect, part):
        _recount(session, each)
    moved = tuple(row.id for row in rows)
    record(session, part, "split", {"from": defect.id, "crashes": list(moved)}, decided)
    record(session, defect, "split", {"into": part.id, "crashes": list(moved)}, decided)
    return Split(defect_id=part.id, moved=moved, ambiguous=ambiguous)


def _part(session: Session, defect: Defect, sighting: Sighting, decided: Decided) -> Defect:
    part = Defect(
        signature=sighting.signature,
        location=sighting.shape.location,
        in_app=list(sighting.shape.in_app),
        assertion=sighting.shape.assertion,
        first_seen=sighting.occurred_at,
        last_seen=sighting.occurred_at,
        first_build=sighting.build,
        last_build=sighting.build,
        split_from=defect.id,
    )
    transitions.begin(session, part, "open", reason=decided.comment or f"split from defect {defect.id} by {decided.by}")
    return part


def _give_keys(
    session: Session, ids: tuple[int, int], rows: Sequence[Crash], sightings: Mapping[int, Sighting]
) -> tuple[int, ...]:
    """Move the keys that only the moved crashes have; return the crashes that share their stack with others."""
    ambiguous = []
    for row in rows:
        others = select(Crash.id).where(
            Crash.defect_id == ids[0], Crash.fingerprint == row.fingerprint, col(Crash.id).not_in(sightings)
        )
        if row.fingerprint is None or session.exec(others.limit(1)).first() is not None:
            ambiguous.append(row.id)
            continue
        for each in sightings[row.id].keys:
            key = session.get(DefectKey, (each.kind, each.value))
            if key is not None and key.defect_id == ids[0]:
                key.defect_id = ids[1]
                session.add(key)
    return tuple(ambiguous)


def _recount(session: Session, defect: Defect) -> None:
    count = text("SELECT count(*) FROM crash WHERE defect_id = :id")
    exemplar = text(
        "SELECT exemplar_id FROM defect JOIN crash ON crash.id = exemplar_id AND crash.defect_id = defect.id"
        " WHERE defect.id = :id"
    )
    first = text("SELECT min(id) FROM crash WHERE defect_id = :id")
    defect.crash_count = session.execute(count, {"id": defect.id}).scalar_one()
    defect.exemplar_id = (
        session.execute(exemplar, {"id": defect.id}).scalar() or session.execute(first, {"id": defect.id}).scalar()
    )
    session.add(defect)
    session.flush()
    defects.measure(session, defect.id)
    session.refresh(defect)


def record(session: Session, defect: Defect, kind: str, told: dict[str, Any], decided: Decided) -> Defect:
    """Keep what was decided, beside the columns that say what holds now."""
    session.add(defect)
    session.add(Decision(defect_id=defect.id, kind=kind, told=told, by=decided.by, comment=decided.comment))
    session.flush()
    return defect


def _lock(session: Session, *defect_ids: int) -> None:
    """Hold defects until the transaction ends; ingest counts in them."""
    query = text("SELECT id FROM defect WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
    session.execute(query, {"ids": [each for each in defect_ids if 0 < each < 2**63]})
