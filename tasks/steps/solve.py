"""
A novel defect and its analyst: the question, the answer as a plan of edits, and what failed as the next question.

The conversation lies in the database message by message. A run that was killed goes on from its last message; whatever
was answered is not asked, and not paid, again.
"""

import json
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import task
from sqlmodel import Session, func, select

from db import conversations, crashes, fixes, models, servers, transitions
from db.leases import release_fix
from tasks.clients.analysis_queue import AnalysisQueue
from tasks.core import answers, edits, questions, spending
from tasks.core.answers import Answer
from tasks.core.configuration import AnalystSettings
from tasks.core.edits import SourceEdit
from tasks.core.errors import AnswerError, CrashflowError, EditError, FixError, GateError
from tasks.steps import analysis, analysts, conversing, evidence, leases, runs
from tasks.steps.fix import PlannedFix, newest_commit
from tasks.steps.workspace import Workspace, workspace

MISFITS = 3
"""So many answers in a row that can't be used end a fix."""
ALIKE = 2
"""After so many failures of the same gate the analyst is told to leave its way."""
_DOUBTED = "Reviewers distrust such a patch"


@task(name="ask the analyst")
def ask(fix_id: int) -> PlannedFix | None:
    """
    Bring the conversation of a fix to its next answer; None where the fix waits: for the queue, or for another day.

    Raises:
        FixError: the analyst abstains, or gives nothing that can be used.
        AnalystError: the analyst can't be asked now, or refuses.
        BudgetError: the fix has taken what it may take.
    """
    room = workspace()
    settings = room.settings.configuration.analyst
    if not _begin(room, fix_id, settings):
        return None
    if analysts.back_end_of(settings) == "queue":
        return _take_from_queue(room, fix_id)
    tree = room.settings.temporary_folder / f"analysis-{fix_id}"
    try:
        for _ in range(MISFITS):
            text = _next_answer(room, fix_id, settings, tree)
            try:
                return _plan(room, fix_id, text)
            except (AnswerError, EditError) as error:
                _say(room, fix_id, questions.misfit(str(error), mark=_mark(room, fix_id)))
                last = str(error)
        raise FixError(f"The analyst gave {MISFITS} answers that can't be used; the last one: {last}")
    finally:
        shutil.rmtree(tree, ignore_errors=True)


@task(name="tell the analyst")
def note_failure(fix_id: int, error: CrashflowError) -> None:
    """
    End the attempt that failed, and put what failed to the analyst as the next question.

    Raises:
        FixError: no attempt is left.
    """
    room = workspace()
    settings = room.settings.configuration.analyst
    gate = error.gate if isinstance(error, GateError) else "edits"
    mark = _mark(room, fix_id)
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        attempt = fixes.last_attempt(session, fix_id)
        assert attempt is not None
        attempt.error = str(error)
        attempt.finished_at = session.execute(select(func.now())).scalar_one()
        session.add(attempt)
        number = attempt.number
        question = _analysis(session, fix_id)
        if question.back_end == "queue":
            conversations.finish(session, question, "failed", error=str(error))
            AnalysisQueue(room.settings.queue_folder).complete(question.request_id)
        if number < settings.attempts:
            told = questions.failure(gate, str(error), attempt=number, attempts=settings.attempts, mark=mark)
            if _failures_alike(session, fix_id, gate) >= ALIKE:
                told = f"{told}\n\n{questions.stubborn(gate)}"
            if question.back_end != "queue":
                conversing.add_question(session, question, told)
            transitions.move(
                session, fix, "ANALYSIS_PENDING", reason=f"the gate {gate} stopped it", flow_run_id=runs.flow_run_id()
            )
            return
    raise FixError(f"{number} patches of the analyst failed; the last one at the gate {gate}: {error}")


def note_absence(fix_id: int, error: CrashflowError) -> None:
    """Keep why the analyst could not be asked; the fix waits, and another run asks again."""
    with workspace().database.transaction() as session:
        fix = leases.hold(session, fix_id)
        fix.reason = f"waits: {error}"
        session.add(fix)


def object_to(fix_id: int, found: Sequence[str]) -> bool:
    """
    Put shapes that usually hide a crash to the analyst, once for a fix; False where they were put, or none was found.

    Such a patch is no failure: a reviewer may find it right, and sees what was found.
    """
    if not found:
        return False
    room = workspace()
    with room.database.transaction() as session:
        history = transitions.history(session, "fix", fix_id)
        is_told = any(step.reason == "the gate shapes stopped it" for step in history)
        attempt = fixes.last_attempt(session, fix_id)
    if is_told or attempt is None or attempt.number >= room.settings.configuration.analyst.attempts:
        return False
    note_failure.fn(fix_id, GateError("shapes", f"{_DOUBTED}: it {', and '.join(found)}."))
    return True


def _take_from_queue(room: Workspace, fix_id: int) -> PlannedFix | None:
    """Read the answer that lies in the queue; one that can't be used counts as an attempt, and is asked for again."""
    with room.database.transaction() as session:
        question = _analysis(session, fix_id)
        text = json.dumps(question.answer) if question.answer else analysts.response(room, question)
    assert text is not None
    try:
        planned = _plan(room, fix_id, text)
    except (AnswerError, EditError) as error:
        with room.database.transaction() as session:
            fixes.begin_attempt(session, leases.hold(session, fix_id), "queue")
        note_failure.fn(fix_id, error)
        return None
    with room.database.transaction() as session:
        conversations.finish(session, _analysis(session, fix_id), "answered")
    AnalysisQueue(room.settings.queue_folder).complete(question.request_id)
    return planned


def _begin(room: Workspace, fix_id: int, settings: AnalystSettings) -> bool:
    """Open the fix's question where it has none; return False where it must wait."""
    back_end = analysts.back_end_of(settings)
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        question = fixes.analysis_of(session, fix_id)
        if question is None or question.back_end != back_end or analysts.is_outdated(session, fix, question):
            refusal = spending.refusal_to_begin(conversations.spent(session, fix_id), settings.limits)
            if back_end == "queue" or refusal:
                _let_wait(session, fix, refusal or "its question lies in the queue")
                return False
            question = None
        elif back_end == "queue" and question.state == "waiting" and analysts.response(room, question) is None:
            _let_wait(session, fix, "nobody has answered its question in the queue")
            return False
        server = servers.name_of(session, fix.server_id)
    repository = room.repository(server)
    base = fix.base_commit or newest_commit(repository, room, server)
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        fix.base_commit = base
        session.add(fix)
        if question is None:
            _open(session, room, fix, back_end, settings)
        if fix.state == "ANALYSIS_PENDING":
            transitions.move(
                session, fix, "ANALYZING", reason=f"asking by the {back_end}", flow_run_id=runs.flow_run_id()
            )
    return True


def _let_wait(session: Session, fix: models.Fix, reason: str) -> None:
    fix.reason = f"waits: {reason}"
    fix.stalls = 0
    release_fix(session, fix)
    session.add(fix)


def _open(session: Session, room: Workspace, fix: models.Fix, back_end: str, settings: AnalystSettings) -> None:
    crash = crashes.get(session, fix.crash_id)
    assert crash is not None
    assert fix.base_commit is not None
    server = servers.name_of(session, fix.server_id)
    request, value = analysis.request_of(session, fix, crash), crashes.value(crash)
    mark = secrets.token_hex(8)
    told = questions.question(
        request,
        source=evidence.source(value, list(crash.in_app), room.repository(server), fix.base_commit),
        outcomes=evidence.outcomes(session, fix),
        rules=evidence.rules(room.source(server)),
        threads=evidence.threads(value),
        mark=mark,
    )
    row = models.Analysis(
        fix_id=fix.id,
        request_id=request.request_id,
        back_end=back_end,
        model=settings.model,
        state="asking",
        request=request.model_dump(mode="json") | {"mark": mark},
    )
    session.add(row)
    session.flush()
    conversing.add_question(session, row, told)


def _next_answer(room: Workspace, fix_id: int, settings: AnalystSettings, tree: Path) -> str:
    """Return the answer that nobody has replied to, as after a kill while it was built, or ask for one."""
    with room.database.transaction() as session:
        analysis_id = _analysis(session, fix_id).id
    return conversing.last_answer(room, analysis_id) or conversing.converse(
        room, settings, analysis_id, fix_id, tree, form=Answer
    )


def _plan(room: Workspace, fix_id: int, text: str) -> PlannedFix:
    """Turn an answer into edits on the fix's base commit, and bring the fix to FIX_GENERATED."""
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        question = _analysis(session, fix_id)
        server, base = servers.name_of(session, fix.server_id), fix.base_commit or ""
        ended = [each for each in fixes.attempts_of(session, fix_id) if each.finished_at is not None]
        # What was only doubted may be given again.
        tried = [_changes(each.patch or b"") for each in ended if not (each.error or "").startswith(_DOUBTED)]
    repository = room.repository(server)
    answer = answers.parse(text, request_id=question.request_id)
    if answer.outcome == "abstain":
        reason = f"The analyst abstains: {'; '.join(answer.missing) or answer.root_cause}"
        with room.database.transaction() as session:
            row = _analysis(session, fix_id)
            conversations.finish(session, row, "abstained", answer=answer.model_dump(mode="json"), error=reason)
        raise FixError(reason)
    planned = PlannedFix(
        base_commit=base,
        edits=answers.to_source_edits(answer, lambda path: repository.read_file(base, path)),
        explanation=f"{answer.root_cause}\n\n{answer.explanation}".strip(),
    )
    patch = _patch_of(planned.edits, lambda path: repository.read_file(base, path) or b"")
    if _changes(patch) in tried:
        raise AnswerError("This is a patch that was tried already and failed: change it, or abstain.")
    with room.database.transaction() as session:
        fix, row = leases.hold(session, fix_id), _analysis(session, fix_id)
        row.answer = answer.model_dump(mode="json")
        session.add(row)
        if fix.state == "ANALYZING":
            fix.stalls = 0
            transitions.move(
                session,
                fix,
                "FIX_GENERATED",
                reason=f"answered by {row.model or 'the queue'}",
                flow_run_id=runs.flow_run_id(),
            )
        fixes.advance(session, fix, "APPLYING_FIX", reason="taken up", flow_run_id=runs.flow_run_id())
        attempt = fixes.begin_attempt(session, fix, f"{row.back_end} {row.model or ''}".rstrip())
        attempt.patch = attempt.patch or patch
        session.add(attempt)
    return planned


def _patch_of(planned: tuple[SourceEdit, ...], read: Any) -> bytes:
    """Return the patch that edits make; an edit that does not fit raises what it would when it is applied."""
    paths = sorted({edit.path for edit in planned})
    parts = []
    for path in paths:
        content = read(path)
        parts.append(edits.unified_diff(path, content, edits.apply(content, [e for e in planned if e.path == path])))
    return b"".join(parts)


def _changes(patch: bytes) -> list[bytes]:
    """Return the lines by which two patches are the same, whichever program wrote them."""
    return [line for line in patch.split(b"\n") if line[:1] in (b"+", b"-")]


def _failures_alike(session: Session, fix_id: int, gate: str) -> int:
    reasons = [step.reason or "" for step in transitions.history(session, "fix", fix_id)]
    return 1 + sum(reason == f"the gate {gate} stopped it" for reason in reasons)


def _say(room: Workspace, fix_id: int, text: str) -> None:
    with room.database.transaction() as session:
        leases.hold(session, fix_id)
        conversing.add_question(session, _analysis(session, fix_id), text)


def _analysis(session: Session, fix_id: int) -> models.Analysis:
    found = fixes.analysis_of(session, fix_id)
    if found is None:
        raise FixError(f"Fix {fix_id} has no question yet.")
    return found


def _mark(room: Workspace, fix_id: int) -> str:
    with room.database.transaction() as session:
        return str(_analysis(session, fix_id).request.get("mark", ""))
