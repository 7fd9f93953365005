"""
Crashes that are read again: their rows replaced, their defects put right, and what changed kept beside them.

A crash moves to another defect only where no person has decided about its own: a silenced defect and one that others
were merged into keep what they hold.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from db import crashes, defects
from db.crashes import CrashFacts
from db.defects import Sighting
from db.models import Crash, CrashRevision, Defect, Match
from tasks.core.matching import Placement
from tasks.core.signature import TOP_FRAMES, SignatureResult
from tasks.core.triage import Assessment

_COMPARED = (
    "defect_id",
    "signature",
    "fingerprint",
    "algorithm",
    "kind",
    "code",
    "signal",
    "message",
    "location_function",
    "location_file",
    "location_line",
    "in_app",
    "severity",
    "category",
    "components",
    "is_bot_related",
    "hypothesis",
    "placement",
    "occurred_at",
    "build",
)
"""What of a crash is kept when it changes. Its frames and logs are not: the dump and the tails still tell them."""
_IDENTITY = frozenset({"server_id", "dump_id", "capture", "report_hash"})
_STACK = frozenset({"thread", "other_threads", "status", "format"})


def place(session: Session, crash: Crash, sighting: Sighting, flow_run_id: str | None) -> Placement:
    """
    Find where a stored crash belongs by the newest rules, and move it from its defect to that one.

    The crash from which its defect was learned takes the defect's shape along, so that what people decided and what was
    fixed stays with it.
    """
    current = defects.get(session, crash.defect_id) if crash.defect_id is not None else None
    if current is None:
        return defects.place(session, sighting, flow_run_id)
    if _is_decided(session, crash, current):
        return Placement(how="key", defect_id=current.id, score=1.0)
    found = defects.find(session, sighting)
    is_exemplar = current.exemplar_id == crash.id
    if (found is not None and found.defect_id != current.id) or (found is None and not is_exemplar):
        defects.count_out(session, current.id, crash.id)
        return defects.place(session, sighting, flow_run_id)
    if is_exemplar:
        defects.reshape(session, current, sighting)
    return found or Placement(how="key", defect_id=current.id, score=1.0)


def replace(session: Session, crash: Crash, facts: CrashFacts, *, is_stack_new: bool) -> dict[str, Any]:
    """
    Write what a crash is now over what it was, and remove its match; return what it was, by column.

    Without ``is_stack_new`` the facts come from the stored stack, which is not written over its own copy.
    """
    before = state(session, crash)
    kept = _IDENTITY if is_stack_new else _IDENTITY | _STACK
    previous = crash.defect_id
    for name, value in crashes.columns(facts).items():
        if name not in kept and not (name == "other_threads" and value is None):
            setattr(crash, name, value)
    if crash.defect_id is not None and previous == crash.defect_id:
        crash.placement = before["placement"]
    session.add(crash)
    session.execute(delete(Match).where(col(Match.crash_id) == crash.id))
    session.flush()
    if any(before[name] != _plain(getattr(crash, name)) for name in ("defect_id", "occurred_at", "build")):
        for defect_id in sorted(defect_id for defect_id in {previous, crash.defect_id} if defect_id is not None):
            defects.measure(session, defect_id)
    if crash.defect_id is not None:
        defects.give_exemplar(session, crash.defect_id, crash.id)
    return before


def record(session: Session, crash: Crash, before: dict[str, Any], reason: str, flow_run_id: str | None) -> bool:
    """Keep what changed of a crash; False where nothing did, and nothing is kept."""
    session.refresh(crash)
    after = state(session, crash)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return False
    session.add(
        CrashRevision(
            crash_id=crash.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=reason,
            flow_run_id=flow_run_id,
        )
    )
    return True


def of_crash(session: Session, crash_id: int) -> list[CrashRevision]:
    """Return the revisions of a crash, oldest first."""
    query = select(CrashRevision).where(CrashRevision.crash_id == crash_id)
    return list(session.exec(query.order_by(col(CrashRevision.id))))


def state(session: Session, crash: Crash) -> dict[str, Any]:
    """Return what is compared of a crash before and after, by column, with the pattern that it matches."""
    values = {name: _plain(getattr(crash, name)) for name in _COMPARED}
    pattern = text("SELECT slug FROM match JOIN pattern ON pattern.id = match.pattern_id WHERE match.crash_id = :crash")
    return values | {"pattern": session.execute(pattern, {"crash": crash.id}).scalars().first()}


def is_as_stored(crash: Crash, signature: SignatureResult, assessment: Assessment) -> bool:
    """
    Say whether a crash is stored with these names and this meaning.

    Of a long stack only the first frames are stored, so names far down it can't be compared.
    """
    location = signature.location.frame if signature.location else None
    return (
        (crash.signature, crash.fingerprint, crash.algorithm, tuple(crash.in_app[:TOP_FRAMES]))
        == (signature.signature, signature.fingerprint, signature.algorithm, signature.in_app[:TOP_FRAMES])
        and (crash.location_function, crash.location_file, crash.location_line)
        == (
            signature.location.name if signature.location else None,
            location.file if location else None,
            location.line if location else None,
        )
        and (crash.severity, crash.category, tuple(crash.components), crash.is_bot_related, crash.hypothesis)
        == (
            assessment.severity,
            assessment.category,
            assessment.components,
            assessment.is_bot_related,
            assessment.hypothesis,
        )
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _is_decided(session: Session, crash: Crash, defect: Defect) -> bool:
    if crash.is_place_decided or defect.state == "silenced" or crash.defect_id != defect.id:
        return True
    merged = select(Defect.id).where(Defect.merged_into == defect.id)
    return session.exec(merged).first() is not None
