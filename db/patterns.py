"""Patterns in the database: imported from packs by slug and version, read back as values."""

from typing import Any

import sqlalchemy
from sqlalchemy import Update, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db import models
from tasks.core.patterns import Pattern, PatternPack

Remarks = tuple[str | None, list[dict[str, Any]]]
"""Remedy and examples of a pattern."""


def import_pack(session: Session, pack: PatternPack) -> int:
    """
    Store the patterns of a pack that are not there yet; return how many were new.

    Remedy and examples may change without a new version: a known row gets those of the pack.
    """
    stored = _remarks(session, pack)
    new = 0
    for pattern in pack.patterns:
        remarks = (pattern.remedy, [example.model_dump() for example in pattern.examples])
        known = stored.get((pattern.slug, pattern.version))
        if known is None:
            new += _insert(session, pack.name, pattern, remarks)
        elif known != remarks:
            session.execute(_retold(pattern, remarks))
    return new


def _remarks(session: Session, pack: PatternPack) -> dict[tuple[str, int], Remarks]:
    """Return what may change of the pack's patterns, all versions, in one question: every process asks it first."""
    slugs = [pattern.slug for pattern in pack.patterns]
    columns = map(col, (models.Pattern.slug, models.Pattern.version, models.Pattern.remedy, models.Pattern.examples))
    rows = session.execute(sqlalchemy.select(*columns).where(col(models.Pattern.slug).in_(slugs)))
    return {(slug, version): (remedy, examples) for slug, version, remedy, examples in rows}


def _insert(session: Session, pack: str, pattern: Pattern, remarks: Remarks) -> int:
    remedy, examples = remarks
    statement = (
        insert(models.Pattern)
        .values(
            slug=pattern.slug,
            version=pattern.version,
            pack=pack,
            title=pattern.title,
            location_regex=pattern.location,
            stack_regexes=list(pattern.stack),
            threshold=pattern.threshold,
            kinds=list(pattern.kinds),
            severity=pattern.severity,
            category=pattern.category,
            root_cause=pattern.root_cause,
            template=pattern.template,
            is_core_bug=pattern.is_core_bug,
            allows_core=pattern.allows_core,
            evidence=list(pattern.evidence),
            remedy=remedy,
            examples=examples,
        )
        # Another process may have been quicker.
        .on_conflict_do_nothing(constraint="pattern_version_is_unique")
        .returning(col(models.Pattern.id))
    )
    return 0 if session.execute(statement).scalar_one_or_none() is None else 1


def _retold(pattern: Pattern, remarks: Remarks) -> Update:
    is_same = (col(models.Pattern.slug) == pattern.slug, col(models.Pattern.version) == pattern.version)
    remedy, examples = remarks
    return update(models.Pattern).where(*is_same).values(remedy=remedy, examples=examples)


def imported(session: Session) -> dict[tuple[str, int], Pattern]:
    """Return every version of every pattern by slug and version, as it was imported."""
    return {(row.slug, row.version): _value(row) for row in session.exec(select(models.Pattern))}


def newest(session: Session) -> dict[int, Pattern]:
    """Return the newest version of each pattern by its id, oldest pattern first."""
    identifiers = text("SELECT DISTINCT ON (slug) id FROM pattern ORDER BY slug, version DESC")
    rows = session.exec(
        select(models.Pattern)
        .where(col(models.Pattern.id).in_(session.execute(identifiers).scalars().all()))
        .order_by(col(models.Pattern.id))
    )
    return {row.id: _value(row) for row in rows}


def get(session: Session, pattern_id: int) -> Pattern:
    """Return one pattern by its id."""
    return _value(session.exec(select(models.Pattern).where(models.Pattern.id == pattern_id)).one())


def current(session: Session, pattern_id: int) -> int:
    """Return the id of the newest version of the pattern that this row is a version of."""
    slug = select(models.Pattern.slug).where(models.Pattern.id == pattern_id).scalar_subquery()
    query = select(models.Pattern.id).where(models.Pattern.slug == slug).order_by(col(models.Pattern.version).desc())
    return session.exec(query).first() or pattern_id


def _value(row: models.Pattern) -> Pattern:
    """Matching needs no examples, and is handed all patterns."""
    return Pattern(
        slug=row.slug,
        version=row.version,
        title=row.title,
        location=row.location_regex,
        stack=tuple(row.stack_regexes),
        threshold=row.threshold,
        kinds=tuple(row.kinds),
        severity=row.severity,
        category=row.category,
        root_cause=row.root_cause,
        template=row.template,
        is_core_bug=row.is_core_bug,
        allows_core=row.allows_core,
        evidence=tuple(row.evidence),
        remedy=row.remedy,
    )
