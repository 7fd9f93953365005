"""``crashflow defects merge|split|promote|rename|template|silence``: a person decides, and it holds."""

import getpass
from pathlib import Path

from db import crashes, decisions, defects
from db.decisions import Decided
from db.settings import Settings
from deployments import console
from tasks.clients.files import write_atomically
from tasks.core import fixes, pattern_draft
from tasks.core.errors import CrashflowError, DecisionError, NotFoundError
from tasks.core.pattern_draft import DraftFacts
from tasks.steps import learning
from tasks.steps.workspace import open_workspace


def merge(settings: Settings, defect_id: int, into: int, comment: str | None) -> None:
    """Make one defect of two."""
    with open_workspace(settings).database.transaction() as session:
        target = decisions.merge(session, defect_id, into, _decided(comment))
        console.line(f"Defect {defect_id} is one with {target.id} now: {target.crash_count} crashes.")


def split(settings: Settings, defect_id: int, crash_ids: list[int], comment: str | None) -> None:
    """Make a defect of its own of some crashes."""
    room = open_workspace(settings)
    with room.database.transaction() as session:
        rows = [row for crash_id in dict.fromkeys(crash_ids) if (row := crashes.get(session, crash_id))]
        if strangers := sorted(set(crash_ids) - {row.id for row in rows}):
            raise NotFoundError(f"There is no crash {strangers[0]}.")
        sightings = {row.id: learning.sighting_of(row, room.lists) for row in rows}
        done = decisions.split(session, defect_id, sightings, _decided(comment))
    console.line(f"Defect {done.defect_id} has {len(done.moved)} of the crashes of defect {defect_id} now.")
    if done.ambiguous:
        named = ", ".join(map(str, done.ambiguous[:5]))
        console.line(f"Further crashes with the stacks of {named} still go to {defect_id}: others there share them.")


def rename(settings: Settings, defect_id: int, title: str | None, comment: str | None) -> None:
    """Give a defect a title."""
    with open_workspace(settings).database.transaction() as session:
        defect = decisions.rename(session, defect_id, title or None, _decided(comment))
        console.line(f"Defect {defect.id} is called {defect.title or defect.signature!r} now.")


def choose_template(settings: Settings, defect_id: int, template: str | None, comment: str | None) -> None:
    """
    Let a template repair a defect.

    Raises:
        NotFoundError: there is no such template or defect.
    """
    if template is not None:
        fixes.template(template)
    with open_workspace(settings).database.transaction() as session:
        defect = decisions.choose_template(session, defect_id, template, _decided(comment))
    console.line(f"Defect {defect.id} is repaired by {template or 'what its pattern says'} from its next crash on.")


def silence(settings: Settings, defect_id: int, comment: str | None, *, is_undone: bool) -> None:
    """Let a defect get no more fixes, or open it again."""
    decide = decisions.unsilence if is_undone else decisions.silence
    with open_workspace(settings).database.transaction() as session:
        defect = decide(session, defect_id, _decided(comment))
        console.line(f"Defect {defect.id} is {defect.state} now.")


def promote(settings: Settings, defect_id: int, output: Path | None, template: str | None) -> None:
    """
    Draft a pattern from a defect, into a file or to standard output.

    Raises:
        DecisionError: nothing of ours is named in the defect, so that no expression could find it.
        CrashflowError: the file exists or can't be written.
    """
    if template is not None:
        fixes.template(template)
    with open_workspace(settings).database.transaction() as session:
        defect = decisions.find(session, defect_id)
        row = crashes.get(session, defect.exemplar_id) if defect.exemplar_id else None
        if row is None or not defect.in_app:
            raise DecisionError(f"Defect {defect.id} names no function of ours: no pattern could find it.")
        facts = DraftFacts(
            defect_id=defect.id,
            title=defect.title or defect.signature,
            shape=defects.shape_of(defect),
            crash=crashes.value(row),
            severity=row.severity,
            category=row.category,
            root_cause=row.hypothesis,
            crashes=defect.crash_count,
            template=template or defect.template,
        )
        draft = pattern_draft.render(facts)
        decisions.record(session, defect, "promote", {"slug": pattern_draft.slug_of(facts)}, _decided(None))
        if output is not None:
            _write(output, draft)
    if output is None:
        console.raw(draft.rstrip("\n"))
    else:
        console.line(f"{output} is written; complete it, then run `crashflow patterns lint {output}`.")


def _write(path: Path, draft: str) -> None:
    if path.exists():
        raise CrashflowError(f"{path} exists; name another file.")
    try:
        write_atomically(path, draft.encode("utf-8"), mode=0o644)
    except OSError as error:
        raise CrashflowError(f"The draft can't be written to {path}: {error.strerror or error}.") from error


def _decided(comment: str | None) -> Decided:
    return Decided(by=getpass.getuser(), comment=comment)
