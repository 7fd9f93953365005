"""What people decided of fixes."""

from sqlmodel import Session, col, select

from db.models import Fix, Review


def add(session: Session, fix: Fix, decision: str, comment: str, author: str) -> Review:
    """Record a decision on the fix as it stands, bound to its head commit."""
    row = Review(fix_id=fix.id, decision=decision, comment=comment, author=author, head_commit=fix.head_commit or "")
    session.add(row)
    session.flush()
    return row


def of_fix(session: Session, fix_id: int) -> list[Review]:
    """Return the decisions on a fix, in the order in which they were made."""
    return list(session.exec(select(Review).where(Review.fix_id == fix_id).order_by(col(Review.id))))


def last_wish(session: Session, fix_id: int) -> Review | None:
    """Return the newest decision on a fix that asked for changes."""
    query = select(Review).where(Review.fix_id == fix_id, Review.decision == "changes")
    return session.exec(query.order_by(col(Review.id).desc())).first()
