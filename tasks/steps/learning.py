"""Learning: defects that got enough crashes are known by what these share. Ingest placed them; triage comes after."""

from prefect import task
from sqlalchemy import text
from sqlmodel import Session

from db import crashes, defects, models
from db.defects import Sighting
from tasks.core import learning, matching, signature
from tasks.core.frames import StackLists
from tasks.steps.workspace import Workspace, workspace

_STACKS = 20
_RECENT = 500


@task(name="learn", retries=2, retry_delay_seconds=1)
def sharpen_defects(crash_ids: list[int]) -> list[int]:
    """Sharpen the defects of these crashes where a lesson is due; return those whose shape changed."""
    return sharpen_in(workspace(), crash_ids)


def sharpen_in(room: Workspace, crash_ids: list[int]) -> list[int]:
    """Sharpen defects in a given installation, one transaction a defect."""
    query = text("SELECT DISTINCT defect_id FROM crash WHERE id = ANY(:ids) AND defect_id IS NOT NULL ORDER BY 1")
    with room.database.transaction() as session:
        ids = list(session.execute(query, {"ids": crash_ids}).scalars())
    changed = []
    for defect_id in ids:
        with room.database.transaction() as session:
            if _sharpen(session, room.lists, defect_id):
                changed.append(defect_id)
    return changed


def sighting_of(row: models.Crash, lists: StackLists) -> Sighting:
    """Return how the rules of today see a stored crash."""
    crash = crashes.value(row)
    named = signature.generate(crash, lists)
    return Sighting(
        signature=named.signature,
        shape=matching.shape(named),
        keys=matching.keys(crash, named),
        occurred_at=row.occurred_at,
        build=row.build,
    )


def _sharpen(session: Session, lists: StackLists, defect_id: int) -> bool:
    defect = defects.get(session, defect_id)
    if defect is None or not learning.is_due(defect.crash_count, defect.shape_crashes):
        return False
    session.refresh(defect, with_for_update=True)
    shapes = [
        sighting_of(row, lists).shape for row in crashes.with_different_stacks(session, defect.id, _RECENT, _STACKS)
    ]
    stacks = [
        shape.in_app for shape in shapes if (shape.location, shape.assertion) == (defect.location, defect.assertion)
    ]
    before = tuple(defect.in_app)
    defects.sharpen(session, defect, learning.sharpened(before, stacks))
    return before != tuple(defect.in_app)
