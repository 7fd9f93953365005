"""What commits and pull requests tell of a fix, collected from the database."""

import shlex
from collections.abc import Sequence
from typing import cast

from sqlmodel import Session

from db import conversations, crashes, defects, fixes, models, patterns, servers
from tasks.clients.git_values import Worktree
from tasks.core import crash_report, gates, reports, trajectory
from tasks.core.conventions import AnalystFacts, Conventions, FixFacts, GateFact, PatternEvidence, branch_name, preset
from tasks.core.crash import Kind
from tasks.core.errors import FixError
from tasks.core.gates import Outcome
from tasks.core.trajectory import Message
from tasks.steps.workspace import Workspace

SHOWN = 10
FRAMES_BEFORE = 2


def collect(session: Session, room: Workspace, fix: models.Fix) -> FixFacts:
    """Return everything that a commit and a pull request say of a fix as it stands now."""
    crash = crashes.get(session, fix.crash_id)
    defect = defects.get(session, fix.defect_id)
    attempt = fixes.last_attempt(session, fix.id)
    if crash is None or defect is None:
        raise FixError(f"The crash of fix {fix.id} is not in the database any more.")
    report = (crash.log_window or {}).get("report", {})
    action = report.get("last_bot_action")
    patch = attempt.patch if attempt and attempt.patch else b""
    results = fixes.gates(session, fix.id)
    return FixFacts(
        fix_id=fix.id,
        signature=defect.signature,
        category=crash.category,
        severity=crash.severity,
        kind=cast("Kind", crash.kind),
        base_commit=fix.base_commit or "",
        head_commit=fix.head_commit,
        count=defect.crash_count,
        first_seen=defect.first_seen,
        last_seen=defect.last_seen,
        root_cause=crash.hypothesis,
        explanation=fix.explanation or "",
        is_repair=fix.is_repair,
        patch=patch,
        files=changed_files(patch),
        signal=crash.signal,
        function=crash.location_function,
        file=crash.location_file,
        line=crash.location_line,
        pattern=_evidence(session, crash),
        gates=gate_facts(results),
        flags=tuple(
            flag for result in results if result.gate == "shapes" for flag in (result.excerpt or "").splitlines()
        ),
        log_errors=tuple(_counted(line) for line in report.get("errors", ())[:SHOWN]),
        log_warnings=tuple(_counted(line) for line in report.get("warnings", ())[:SHOWN]),
        last_bot_action=action["text"] if action else None,
        reproduce=reproduce_lines(session, room, fix),
        sandbox=next((result.sandbox for result in results if result.sandbox), None),
        frames=_frames(crash),
        builds=tuple(build for build in (defect.first_build, defect.last_build) if build),
        analyst=_analyst(session, fix.id),
        confidence=gates.confidence({result.gate: cast("Outcome", result.outcome) for result in results}),
    )


def conventions(session: Session, room: Workspace, fix: models.Fix) -> Conventions:
    """Return the naming rules of the project that a fix is for."""
    return preset(room.source(servers.name_of(session, fix.server_id)).conventions)


def worktree(session: Session, room: Workspace, fix: models.Fix) -> Worktree:
    """
    Return the worktree of a fix; one that is not on this machine is made again from base commit and stored patch.

    Raises:
        GitError: git refuses.
        FixError: the fix has no patch yet.
    """
    folder = room.settings.worktree_folder / f"fix-{fix.id}"
    if fix.base_commit is None or fix.branch is None:
        raise FixError(f"Fix {fix.id} has no base commit yet; its proposal comes first.")
    tree = Worktree(path=folder, branch=fix.branch, base_commit=fix.base_commit)
    if folder.is_dir():
        return tree
    attempt = fixes.last_attempt(session, fix.id)
    if attempt is None or not attempt.patch:
        raise FixError(f"Fix {fix.id} has no patch to build.")
    repository = room.repository(servers.name_of(session, fix.server_id))
    tree = repository.create_worktree(folder, branch=fix.branch, base_commit=fix.base_commit)
    repository.apply_patch(tree, attempt.patch)
    return tree


def new_branch(session: Session, room: Workspace, fix: models.Fix) -> str:
    """Return the branch on which a fix will live."""
    return branch_name(collect(session, room, fix), conventions(session, room, fix))


def replay_command(crash: models.Crash, template: tuple[str, ...]) -> list[str]:
    """Return the configured replay with ``{arguments}`` replaced by those of the crashed process."""
    words: list[str] = []
    for word in template:
        words += list(crash.command_line[1:]) if word == "{arguments}" else [word]
    return words


def reproduce_lines(session: Session, room: Workspace, fix: models.Fix) -> tuple[str, ...]:
    """Return the shell lines with which a person sees the crash before the fix and not after it."""
    build = room.server(servers.name_of(session, fix.server_id)).build
    crash = crashes.get(session, fix.crash_id)
    if crash is None or not build.replay:
        return ()
    commands = [build.configure, build.compile, tuple(replay_command(crash, build.replay))]
    lines = [shlex.join(command) for command in commands if command]
    return (f"git checkout {fix.base_commit}", *lines, f"git checkout {fix.branch}", *lines)


def changed_files(patch: bytes) -> tuple[str, ...]:
    """Return the paths that a patch in git's format touches."""
    names = [line[6:] for line in patch.splitlines() if line.startswith(b"+++ b/")]
    return tuple(name.decode("utf-8", errors="surrogateescape") for name in names)


def _evidence(session: Session, crash: models.Crash) -> PatternEvidence | None:
    match = crashes.match_of(session, crash.id)
    if match is None:
        return None
    return PatternEvidence(
        slug=patterns.get(session, match.pattern_id).slug,
        score=match.score,
        matched=tuple((hit["expression"], f"frame {hit['frame']}: {hit['text']}") for hit in match.matched),
        missing=tuple(match.missing),
    )


def gate_facts(results: Sequence[models.GateResult]) -> tuple[GateFact, ...]:
    """Return gates in the form in which reports and pull requests show them."""
    return tuple(
        GateFact(
            name=result.gate,
            outcome=cast("Outcome", result.outcome),
            detail=result.detail,
            seconds=result.seconds,
            is_blocking=result.is_blocking,
            excerpt=result.excerpt or "",
        )
        for result in results
    )


def _frames(crash: models.Crash) -> tuple[tuple[str, bool], ...]:
    """Return the frames from shortly before the first of ours on: what raises and aborts is the same everywhere."""
    ours = set(crash.in_app)
    told = [
        (reports.describe_frame(frame), crash_report.frame_name(frame) in ours) for frame in crashes.value(crash).frames
    ]
    first = next((place for place, (_, is_ours) in enumerate(told) if is_ours), 0)
    start = max(0, first - FRAMES_BEFORE)
    return tuple(told[start : start + SHOWN])


def conversation(session: Session, analysis_id: int) -> list[Message]:
    """Return the messages of an analysis as they are shown."""
    return [
        Message(
            kind=step.kind,
            content=step.message.get("content", ""),
            tokens=step.input_tokens + step.output_tokens + step.cache_read_tokens + step.cache_write_tokens,
            cost_usd=step.cost_usd,
            seconds=step.seconds,
        )
        for step in conversations.steps_of(session, analysis_id)
    ]


def _analyst(session: Session, fix_id: int) -> AnalystFacts | None:
    question, opinion = fixes.analysis_of(session, fix_id), fixes.second_opinion_of(session, fix_id)
    if question is None or not question.answer:
        return None
    answer = question.answer
    messages = conversation(session, question.id) + (conversation(session, opinion.id) if opinion else [])
    return AnalystFacts(
        who=question.model or f"whoever reads the {question.back_end}",
        evidence=tuple(answer.get("evidence", ())),
        execution_path=tuple(answer.get("execution_path", ())),
        sources=tuple(answer.get("research", {}).get("sources", ())),
        tests_to_add=tuple(answer.get("tests_to_add", ())),
        second_opinion=(opinion.answer or {}).get("text", "") if opinion else "",
        cost=str(trajectory.cost_of(messages)) if messages else "nothing is known of its cost",
    )


def _counted(line: dict[str, object]) -> str:
    return f"{line['count']} x {line['text']}"
