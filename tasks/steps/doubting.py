"""A second opinion on an analyst's patch, from one who knows nothing of the first one's reasons."""

import secrets
import shutil

from prefect import task

from db import conversations, fixes, models
from tasks.core import questions
from tasks.core.errors import CrashflowError
from tasks.steps import analysis, analysts, conversing, leases
from tasks.steps.workspace import workspace


@task(name="second opinion")
def doubt(fix_id: int) -> None:
    """Ask somebody who knows nothing of the reasons whether the patch repairs the cause; it is shown, not trusted."""
    room = workspace()
    settings = room.settings.configuration.analyst
    with room.database.transaction() as session:
        leases.hold(session, fix_id)
        question = fixes.analysis_of(session, fix_id)
        assert question is not None
        conversations.finish(session, question, "answered")
    if analysts.back_end_of(settings) == "queue":
        return
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        attempt = fixes.last_attempt(session, fix_id)
        assert attempt is not None
        request_id = analysis.identify(f"second opinion {fix_id} {fix.created_at.isoformat()} {attempt.number}")
        known = fixes.second_opinion_of(session, fix_id)
        if known is not None and known.request_id == request_id and known.finished_at is not None:
            return
        if known is None or known.request_id != request_id:
            patch = (attempt.patch or b"").decode("utf-8", errors="replace")
            told = questions.second_opinion(patch, fix.explanation or "", mark=secrets.token_hex(8))
            known = models.Analysis(
                fix_id=fix_id,
                purpose="second opinion",
                request_id=request_id,
                back_end=analysts.back_end_of(settings),
                model=settings.model,
                state="asking",
                request={"question": told},
            )
            session.add(known)
            session.flush()
            conversing.add_question(session, known, told)
        analysis_id = known.id
    tree = room.settings.temporary_folder / f"opinion-{fix_id}"
    try:
        text = conversing.converse(room, settings, analysis_id, fix_id, tree, form=None)
        state, answer, error = "answered", {"text": text}, None
    except CrashflowError as trouble:
        state, answer, error = "failed", None, str(trouble)
    finally:
        shutil.rmtree(tree, ignore_errors=True)
    with room.database.transaction() as session:
        row = session.get(models.Analysis, analysis_id)
        assert row is not None
        conversations.finish(session, row, state, answer=answer, error=error)
