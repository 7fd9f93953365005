"""What a person is told to make a pattern of: repairs of analysts that were approved more than once, the same way."""

from sqlmodel import Session

from db import decisions, defects, fixes
from tasks.core import promotion
from tasks.core.promotion import Approved, Repeated

_NEWEST = 300


def worth_a_pattern(session: Session) -> tuple[Repeated, ...]:
    """Return the repairs that were repeated and of whose defects nobody has drafted a pattern yet."""
    known = decisions.promoted(session)
    approved = [
        Approved(fix_id=fix.id, defect_id=fix.defect_id, place=defect.location or defect.signature, patch=patch)
        for fix, patch in fixes.approved_of_analysts(session, _NEWEST)
        if fix.defect_id not in known and (defect := defects.get(session, fix.defect_id)) is not None
    ]
    return promotion.repeated(approved)
