"""What an import of old reports and records asks: which of them are known, and how new ones come into the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from db import storable, transitions
from db.dumps import DumpFacts
from db.leases import LEASE

_IMPORTED = "imported"
"""Why a dump came that was recorded by an import: the reason of its first transition."""


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file that was recorded before, and what came of it."""

    state: str
    error: str | None


@dataclass(frozen=True, kw_only=True)
class KnownCrash:
    """A stored crash by the name of its files; ``kinds`` are what these are."""

    crash_id: int
    capture: str
    kinds: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class DefectCounts:
    """The defects of some crashes: how many they taught, how many were known, and when the crashes were."""

    new: int
    known: int
    without_place: int
    first_seen: datetime | None
    last_seen: datetime | None


def known_files(session: Session, server_id: int, files: Sequence[DumpFacts]) -> dict[DumpFacts, KnownFile]:
    """Return which of these very files were recorded before."""
    query = text(
        "SELECT place, state, error FROM unnest(CAST(:paths AS text[]), CAST(:inodes AS bigint[]),"
        " CAST(:sizes AS bigint[]), CAST(:times AS timestamptz[])) WITH ORDINALITY"
        " AS asked (path, inode, size, captured_at, place)"
        " JOIN dump USING (path, inode, size, captured_at) WHERE server_id = :server"
    )
    values = {
        "server": server_id,
        "paths": [storable.text(file.path) for file in files],
        "inodes": [file.inode for file in files],
        "sizes": [file.size for file in files],
        "times": [file.captured_at for file in files],
    }
    rows = session.execute(query, values)
    return {files[place - 1]: KnownFile(state=state, error=error) for place, state, error in rows}


def known_contents(session: Session, server_id: int, hashes: Sequence[str]) -> set[tuple[str, str]]:
    """Return SHA-256 and path of the files that were read before with one of these hashes."""
    query = text(
        "SELECT sha256, path FROM dump"
        " WHERE server_id = :server AND state = 'PARSED' AND sha256 = ANY(CAST(:hashes AS text[]))"
    )
    rows = session.execute(query, {"server": server_id, "hashes": sorted(set(hashes))})
    return {(sha256, path) for sha256, path in rows}


def crashes_named(session: Session, server_id: int, names: Sequence[str]) -> dict[str, KnownCrash]:
    """Return the crashes of a server whose files have these names, in whatever folder; reads all its crashes once."""
    query = text(
        "SELECT name, stored.id, capture, array_agg(dump.kind) AS kinds FROM (SELECT id, capture,"
        " regexp_replace(capture, '^.*/', '') AS name FROM crash WHERE server_id = :server) AS stored"
        " JOIN crash_dump ON crash_dump.crash_id = stored.id JOIN dump ON dump.id = crash_dump.dump_id"
        " WHERE name = ANY(CAST(:names AS text[])) GROUP BY name, stored.id, capture ORDER BY stored.id DESC"
    )
    asked = sorted({storable.text(name) for name in names})
    rows = session.execute(query, {"server": server_id, "names": asked}) if asked else ()
    return {
        name: KnownCrash(crash_id=crash_id, capture=capture, kinds=frozenset(filter(None, kinds)))
        for name, crash_id, capture, kinds in rows
    }


def take(session: Session, server_id: int, files: Mapping[int, DumpFacts], process: str) -> set[int]:
    """
    Record files under ids that were drawn for them and hold them at once, so that no other run sees them waiting.

    Returns:
        The ids that are recorded; a file that somebody recorded meanwhile is his.
    """
    query = text(
        "INSERT INTO dump (id, server_id, path, inode, size, captured_at, state, attempts) SELECT id, :server, path,"
        " inode, size, captured_at, 'CRASH_DETECTED', 1 FROM unnest(CAST(:ids AS bigint[]), CAST(:paths AS text[]),"
        " CAST(:inodes AS bigint[]), CAST(:sizes AS bigint[]), CAST(:times AS timestamptz[]))"
        " AS told (id, path, inode, size, captured_at) ON CONFLICT DO NOTHING RETURNING id"
    )
    values = {
        "server": server_id,
        "ids": list(files),
        "paths": [storable.text(file.path) for file in files.values()],
        "inodes": [file.inode for file in files.values()],
        "sizes": [file.size for file in files.values()],
        "times": [file.captured_at for file in files.values()],
    }
    taken = set(session.execute(query, values).scalars())
    reasons = dict.fromkeys(sorted(taken), _IMPORTED)
    if not taken:
        return taken
    transitions.record_all(session, "dump", reasons, states=(None, "CRASH_DETECTED"), flow_run_id=None)
    transitions.move_all(session, "dump", reasons, states=("CRASH_DETECTED", "PARSING"), flow_run_id=None)
    lease = text("UPDATE dump SET lease_until = now() + :lease, lease_process = :process WHERE id = ANY(:ids)")
    session.execute(lease, {"lease": LEASE, "process": process, "ids": sorted(taken)})
    return taken


def move_capture(session: Session, crash_id: int, capture: str) -> None:
    """Let a crash that a record brought be of the same capture as the report of which the record was made."""
    statement = text("UPDATE crash SET capture = :capture WHERE id = :crash")
    session.execute(statement, {"capture": storable.text(capture), "crash": crash_id})


def defects_of(session: Session, crash_ids: Sequence[int]) -> list[int]:
    """Return the defects of these crashes, ascending."""
    query = text(
        "SELECT DISTINCT defect_id FROM crash WHERE id = ANY(CAST(:ids AS bigint[])) AND defect_id IS NOT NULL"
        " ORDER BY defect_id"
    )
    return list(session.execute(query, {"ids": list(crash_ids)}).scalars())


def are_all_imported(session: Session, defect_id: int) -> bool:
    """Say whether a defect has crashes and all of them were imported."""
    query = text(
        "SELECT EXISTS (SELECT FROM crash WHERE defect_id = :defect) AND NOT EXISTS (SELECT FROM crash"
        " WHERE defect_id = :defect AND NOT EXISTS (SELECT FROM transition WHERE entity = 'dump'"
        " AND entity_id = crash.dump_id AND state_from IS NULL AND reason = :imported))"
    )
    return bool(session.execute(query, {"defect": defect_id, "imported": _IMPORTED}).scalar_one())


def count_defects(session: Session, crash_ids: Sequence[int]) -> DefectCounts:
    """Count the defects of crashes that were just stored."""
    query = text(
        "SELECT count(*) FILTER (WHERE defect_id IS NOT NULL AND is_new),"
        " count(*) FILTER (WHERE defect_id IS NOT NULL AND NOT is_new),"
        " coalesce(sum(crashes) FILTER (WHERE defect_id IS NULL), 0), min(first), max(last) FROM (SELECT defect_id,"
        " bool_or(placement = 'learned') AS is_new, count(*) AS crashes, min(occurred_at) AS first,"
        " max(occurred_at) AS last FROM crash WHERE id = ANY(CAST(:ids AS bigint[])) GROUP BY defect_id) AS told"
    )
    new, known, without_place, first, last = session.execute(query, {"ids": list(crash_ids)}).one()
    return DefectCounts(new=new, known=known, without_place=int(without_place), first_seen=first, last_seen=last)
