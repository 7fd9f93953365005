"""
Defects: where a crash belongs, decided under a lock on its location, so that two processes never learn one bug twice.

Exact keys come first, then the two-way 60% rule over the defects with the same location function.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db import storable, transitions
from db.models import Defect, DefectKey
from tasks.core import matching
from tasks.core.matching import DefectKey as Key
from tasks.core.matching import Placement, Shape


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """One crash from the point of view of its defect."""

    signature: str
    shape: Shape
    keys: tuple[Key, ...]
    occurred_at: datetime
    build: str | None


def place(session: Session, sighting: Sighting, flow_run_id: str | None) -> Placement:
    """
    Find the defect of a crash, or learn a new one; the crash is counted there.

    Returns:
        ``how`` is ``key``, ``rule`` or ``new``; ``needs_symbols`` without any key or location, then with no defect.
    """
    found = find(session, sighting)
    if found is not None and found.defect_id is None:
        return found
    if found is None:
        found = Placement(how="new", defect_id=_learn(session, sighting, flow_run_id), score=1.0)
    assert found.defect_id is not None
    add_keys(session, found.defect_id, sighting.keys)
    _count(session, found.defect_id, sighting)
    return found


def leave(session: Session, defect_id: int, placement: Placement) -> None:
    """
    Take a crash out of the defect in which it was, as it was placed anew; call it after the crash's row was changed.

    A defect that no crash is left of is the one to which it went: its keys lead there from now on.
    """
    session.execute(text("UPDATE defect SET crash_count = crash_count - 1 WHERE id = :id"), {"id": defect_id})
    target = placement.defect_id
    if target is None or target == defect_id:
        return
    session.execute(
        text(
            "UPDATE defect SET exemplar_id = (SELECT min(id) FROM crash WHERE defect_id = :id) WHERE id = :id"
            " AND NOT EXISTS (SELECT FROM crash WHERE crash.id = exemplar_id AND defect_id = :id)"
        ),
        {"id": defect_id},
    )
    is_left = text("SELECT NOT EXISTS (SELECT FROM crash WHERE defect_id = :id)")
    if session.execute(is_left, {"id": defect_id}).scalar_one():
        ids = {"id": defect_id, "target": target}
        session.execute(text("UPDATE defect_key SET defect_id = :target WHERE defect_id = :id"), ids)
        session.execute(text("UPDATE defect SET merged_into = :target WHERE id = :id"), ids)


def get(session: Session, defect_id: int) -> Defect | None:
    """Return a defect by its id, following merges."""
    defect = session.get(Defect, defect_id)
    while defect is not None and defect.merged_into is not None:
        defect = session.get(Defect, defect.merged_into)
    return defect


def at_location(session: Session, defect: Defect, limit: int = 20) -> list[Defect]:
    """Return other defects with the same location function, the most frequent first."""
    query = (
        select(Defect)
        .where(Defect.location == defect.location, Defect.id != defect.id, col(Defect.merged_into).is_(None))
        .order_by(col(Defect.crash_count).desc(), col(Defect.id))
        .limit(limit)
    )
    return list(session.exec(query)) if defect.location is not None else []


def shape_of(defect: Defect) -> Shape:
    """Return what of a defect is compared with crashes."""
    return Shape(location=defect.location, in_app=tuple(defect.in_app), assertion=defect.assertion)


def find(session: Session, sighting: Sighting) -> Placement | None:
    """
    Find the defect of a crash without counting it there; None where a new one is to be learned.

    Until the transaction ends nobody else places a crash with this location.
    """
    if not sighting.keys:
        return Placement(how="needs_symbols")
    _lock(session, sighting)
    return _by_key(session, sighting.keys) or _by_rule(session, sighting.shape)


def reshape(session: Session, defect: Defect, sighting: Sighting) -> None:
    """Give a defect the shape that newer rules see in the crash from which it was learned."""
    defect.signature = sighting.signature
    defect.location = sighting.shape.location
    defect.in_app = list(sighting.shape.in_app)
    defect.assertion = sighting.shape.assertion
    defect.shape_crashes = 0
    session.add(defect)
    session.flush()
    add_keys(session, defect.id, sighting.keys)


def sharpen(session: Session, defect: Defect, names: Sequence[str]) -> None:
    """Give a defect the names that its crashes share, and note of how many crashes that was learned."""
    defect.in_app = list(names)
    defect.shape_crashes = defect.crash_count
    session.add(defect)
    session.flush()


def give_exemplar(session: Session, defect_id: int, crash_id: int) -> None:
    """Make a crash the example of a defect that has none."""
    statement = text("UPDATE defect SET exemplar_id = coalesce(exemplar_id, :crash) WHERE id = :defect")
    session.execute(statement, {"crash": crash_id, "defect": defect_id})


def adopt_pattern(session: Session, crash_id: int, pattern_id: int) -> None:
    """Give a defect the pattern that its exemplar matches today."""
    statement = text("UPDATE defect SET pattern_id = :pattern WHERE exemplar_id = :crash")
    session.execute(statement, {"pattern": pattern_id, "crash": crash_id})


def count_out(session: Session, defect_id: int, crash_id: int) -> None:
    """Count a crash out of a defect that it does not belong to any more; an emptied defect stays, as its history."""
    session.execute(
        text(
            "UPDATE defect SET crash_count = greatest(crash_count - 1, 0), exemplar_id = CASE"
            " WHEN exemplar_id = :crash THEN (SELECT min(id) FROM crash WHERE defect_id = :defect AND id <> :crash)"
            " ELSE exemplar_id END WHERE id = :defect"
        ),
        {"defect": defect_id, "crash": crash_id},
    )


def measure(session: Session, defect_id: int) -> None:
    """
    Make a defect's first and last sight what its crashes say.

    Only while all of them are there: what retention removed can't be asked any more, and its times stay.
    """
    session.execute(
        text(
            """
            UPDATE defect SET first_seen = first.occurred_at, last_seen = last.occurred_at, first_build = first.build,
                last_build = coalesce(built.build, defect.last_build)
            FROM
                (SELECT occurred_at, build FROM crash WHERE defect_id = :defect ORDER BY occurred_at, id LIMIT 1) first,
                (SELECT occurred_at FROM crash WHERE defect_id = :defect ORDER BY occurred_at DESC LIMIT 1) last
                LEFT JOIN LATERAL (
                    SELECT build FROM crash WHERE defect_id = :defect AND build IS NOT NULL
                    ORDER BY occurred_at DESC, id DESC LIMIT 1
                ) built ON true
            WHERE defect.id = :defect
              AND defect.crash_count = (SELECT sum(crashes) FROM crash_rollup_daily WHERE defect_id = :defect)
            """
        ),
        {"defect": defect_id},
    )


def lock_name(sighting: Sighting) -> str:
    """Return by which name a place is locked; the crash has keys."""
    return sighting.shape.location or sighting.keys[0].value


def _lock(session: Session, sighting: Sighting) -> None:
    """Serialise the placing of crashes with one location until the transaction ends."""
    name = storable.text(lock_name(sighting))
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def _by_key(session: Session, keys: Sequence[Key]) -> Placement | None:
    for key in keys:
        query = select(DefectKey.defect_id).where(DefectKey.kind == key.kind, DefectKey.value == key.value)
        identifier = session.exec(query).first()
        defect = get(session, identifier) if identifier is not None else None
        if defect is not None:
            return Placement(how="key", defect_id=defect.id, score=1.0)
    return None


def _by_rule(session: Session, shape: Shape) -> Placement | None:
    location = matching.searchable_location(shape)
    if location is None:
        return None
    rows = session.exec(
        # What is like a defect that a person merged goes where that one went; one that emptied itself is not asked.
        select(Defect)
        .where(Defect.location == location, col(Defect.merged_into).is_(None) | col(Defect.is_merge_decided))
        .order_by(col(Defect.id))
    )
    placement = matching.place(shape, ((row.id, shape_of(row)) for row in rows))
    found = get(session, placement.defect_id) if placement.defect_id is not None else None
    return replace(placement, defect_id=found.id) if found is not None else None


def _learn(session: Session, sighting: Sighting, flow_run_id: str | None) -> int:
    defect = Defect(
        signature=sighting.signature,
        location=sighting.shape.location,
        in_app=list(sighting.shape.in_app),
        assertion=sighting.shape.assertion,
        crash_count=0,
        first_seen=sighting.occurred_at,
        last_seen=sighting.occurred_at,
        first_build=sighting.build,
        last_build=sighting.build,
    )
    transitions.begin(session, defect, "open", reason="first crash of this defect", flow_run_id=flow_run_id)
    return defect.id


def add_keys(session: Session, defect_id: int, keys: Sequence[Key]) -> None:
    """Let these keys lead to the defect, but for those that lead elsewhere already."""
    for key in keys:
        values = {"kind": key.kind, "value": key.value, "defect_id": defect_id}
        session.execute(insert(DefectKey).values(**values).on_conflict_do_nothing())


def _count(session: Session, defect_id: int, sighting: Sighting) -> None:
    session.execute(
        text(
            "UPDATE defect SET crash_count = crash_count + 1, first_seen = least(first_seen, :at),"
            " last_seen = greatest(last_seen, :at),"
            " last_build = CASE WHEN :at >= last_seen THEN coalesce(:build, last_build) ELSE last_build END"
            " WHERE id = :defect"
        ),
        {"at": sighting.occurred_at, "build": sighting.build and storable.text(sighting.build), "defect": defect_id},
    )
